import * as z from 'zod'
import type { GithubConfig } from '#config'
import { AppError } from '#errors'
import { AccessWithdrawn, createAuthorizationRequest, redeemCode } from './authorization-code.ts'
import { providerUnavailable, type ProviderAnswer } from './bounded-fetch.ts'
import { cleanText } from './clean-text.ts'
import { createClientAuth } from './client-auth.ts'
import { createGithubApi } from './github-api.ts'
import { presentMemberships, readMemberships } from './github-memberships.ts'
import { createOrgGate } from './github-org-gate.ts'
import { requireSame, type ProviderOptions } from './oidc.ts'
import type { AuthorizationResponse, IdentityProvider } from './provider.ts'
import { readToken } from './read-token.ts'

const scopes = ['read:user', 'user:email', 'read:org']

const User = z.object({
  id: z.int().positive(),
  login: z.string().transform(cleanText),
  name: z.string().nullish(),
})

const Emails = z.array(
  z.object({ email: z.string().transform(cleanText), primary: z.boolean(), verified: z.boolean() }),
)

/** GitHub's OAuth apps, here or on an Enterprise Server: people are numeric ids, because logins change hands. */
export function createGithubProvider(options: ProviderOptions<GithubConfig>): IdentityProvider {
  const { config, fetch, now } = options
  const admit = createOrgGate(config)
  const { clientId, clientSecret } = config
  const clientAuth = createClientAuth({
    clientId,
    credential: { type: 'secret', secret: clientSecret },
    method: 'client_secret_post',
    now,
  })
  const provider = {
    issuer: config.url,
    tokenEndpoint: `${config.url}/login/oauth/access_token`,
    authMethods: null,
    authAlgorithms: null,
  }

  return {
    id: 'github',
    name: 'GitHub',

    async createAuthorizationUrl(request) {
      const url = createAuthorizationRequest(
        `${config.url}/login/oauth/authorize`,
        config.clientId,
        request,
        scopes,
      )
      // GitHub cannot be made to ask for the password again; this is the most it offers.
      if (request.forceLogin) url.searchParams.set('prompt', 'select_account')
      return url
    },

    async redeem(response) {
      refuseOtherIssuer(config, response)
      const tokens = await redeemCode({ clientAuth, fetch, provider, response })
      const accessToken = readToken(tokens.data, 'access_token')
      if (accessToken === null) {
        throw providerUnavailable('token endpoint', new Error('the answer has no access_token'))
      }
      const { apiUrl } = config
      const api = createGithubApi({ fetch, apiUrl, accessToken, signal: response.signal })
      const user = await readUser(api)
      const [memberships, email] = await Promise.all([readMemberships(api), readEmail(api)])
      await admit(api, memberships)
      return {
        provider: 'github',
        issuer: config.url,
        subject: String(user.id),
        principal: `github:${user.id}`,
        displayName: cleanText(user.name ?? '') || user.login,
        email,
        isEmailVerified: email !== null,
        clientId: config.clientId,
        orgs: memberships.orgs?.map(({ id, login }) => ({ id, login })) ?? null,
        ...presentMemberships(memberships),
        providerSessionId: null,
        idToken: null,
        authenticatedAt: now(),
        tokens: { accessToken },
      }
    },

    async readGroups({ identity, signal, tokens }) {
      if (!('accessToken' in tokens)) throw new Error('what was kept is no access token')
      const { apiUrl } = config
      const api = createGithubApi({ fetch, apiUrl, accessToken: tokens.accessToken, signal })
      const answer = await api.get('/user')
      if (isRefused(answer)) throw new AccessWithdrawn('GitHub answered 401', answer.body)
      const { id } = parseUser(answer)
      requireSame(identity, { issuer: config.url, subject: String(id) })
      const memberships = await readMemberships(api)
      return { proven: presentMemberships(memberships), tokens, orgs: memberships }
    },
  }
}

/** GitHub's own word; a proxy in between says 401 in other words. */
function isRefused({ body, status }: ProviderAnswer): boolean {
  return status === 401 && z.object({ message: z.string() }).safeParse(body).success
}

// GitHub sends none so far: one that comes is GitHub's own.
function refuseOtherIssuer(config: GithubConfig, { iss }: AuthorizationResponse): void {
  if (iss === undefined || iss === config.url || iss.startsWith(`${config.url}/`)) return
  throw new AppError('login-expired', {
    detail:
      'The answer did not come from the identity provider that this sign-in began with. Start again.',
    cause: new Error('callback iss names another issuer'),
  })
}

type Api = ReturnType<typeof createGithubApi>

async function readUser(api: Api): Promise<z.infer<typeof User>> {
  const answer = await api.get('/user')
  const { status } = answer
  if (status === 401 || status === 403) {
    throw new AppError('login-failed', {
      detail:
        'GitHub did not say who you are. Start again; if it keeps happening, tell an administrator.',
      cause: new Error(`GitHub answered ${status} to /user`),
    })
  }
  return parseUser(answer)
}

/** Throws `provider-unavailable`. */
function parseUser({ body, status }: ProviderAnswer): z.infer<typeof User> {
  const user = User.safeParse(body)
  if (status === 200 && user.success) return user.data
  throw providerUnavailable('profile', user.error ?? new Error(`status ${status}`))
}

/** The primary address if GitHub has verified it; null otherwise, and where the person does not show it to the hub. */
async function readEmail(api: Api): Promise<string | null> {
  const { body, status } = await api.get('/user/emails').catch(() => ({ body: null, status: 0 }))
  const emails = Emails.safeParse(body)
  if (status !== 200 || !emails.success) return null
  return emails.data.find(({ primary, verified }) => primary && verified)?.email ?? null
}
