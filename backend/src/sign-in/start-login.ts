import { randomBytes } from 'node:crypto'
import { getProvider, type IdentityProvider } from '#identity-providers'
import type { SignInDeps } from './deps.ts'
import type { LoginTransaction } from './login-cookie.ts'
import { resolvePublicOrigin, type Address } from './public-origin.ts'
import { resolveReturnTo } from './return-to.ts'

export type StartedLogin = { authorizationUrl: URL; state: string; cookie: string }

/**
 * Begins a sign-in: where to send the browser, and the sealed cookie that binds the answer to it.
 * Throws `provider-not-enabled`, `host-not-allowed`, `provider-unavailable`.
 */
export async function startLogin(
  deps: SignInDeps,
  input: {
    provider: string
    client: Address
    returnTo: string | undefined
    forceLogin: boolean
  },
): Promise<StartedLogin> {
  const provider = getProvider(deps, input.provider)
  const origin = resolvePublicOrigin(deps.config, input.client)
  return begin(deps, provider, {
    redirectUri: `${origin}/api/auth/callback/${provider.id}`,
    returnTo: resolveReturnTo(input.returnTo, origin),
    authenticatedAfter: input.forceLogin ? deps.now() : null,
    withoutOffline: false,
  })
}

/** Begins a sign-in again that failed because the person may not give the hub `offline_access`: without it, once. */
export async function restartLogin(
  deps: SignInDeps,
  { authenticatedAfter, provider, redirectUri, returnTo }: LoginTransaction,
): Promise<StartedLogin> {
  return begin(deps, getProvider(deps, provider), {
    redirectUri,
    returnTo,
    authenticatedAfter,
    withoutOffline: true,
  })
}

async function begin(
  deps: SignInDeps,
  provider: IdentityProvider,
  kept: Pick<
    LoginTransaction,
    'redirectUri' | 'returnTo' | 'authenticatedAfter' | 'withoutOffline'
  >,
): Promise<StartedLogin> {
  const login = {
    ...kept,
    provider: provider.id,
    state: randomToken(),
    nonce: randomToken(),
    codeVerifier: randomToken(),
  }
  const authorizationUrl = await provider.createAuthorizationUrl({
    ...login,
    forceLogin: kept.authenticatedAfter !== null,
  })
  return { authorizationUrl, state: login.state, cookie: await deps.loginCookie.seal(login) }
}

/** 32 random bytes: a code verifier of 43 characters (RFC 7636 §4.1), and as good a state and nonce. */
function randomToken(): string {
  return randomBytes(32).toString('base64url')
}
