import * as oidc from 'openid-client'
import { Failure, messageOf } from '../failure.ts'
import { startCallbackServer, type Callback, type CallbackServer } from './callback-server.ts'
import { answeredError } from './explain-failure.ts'
import type { SignInContext } from './sign-in-context.ts'
import { openBrowser } from './open-browser.ts'
import { requestAuthorization } from './authorization-url.ts'
import { createPkce } from './pkce.ts'
import { redeemCode } from './redeem-code.ts'
import { toScope } from './scopes.ts'
import type { TokenAnswer } from './tokens.ts'

/** Authorization code with PKCE, state and nonce; the browser comes back to this machine. */
export async function signInByBrowser(context: SignInContext): Promise<TokenAnswer> {
  try {
    return await signInOnce(context, true)
  } catch (error) {
    // Asked for by us alone: not every client may have it.
    if (answeredError(error) !== 'invalid_scope') throw error
    context.log.debug('the provider refused the scopes; trying without offline_access')
    return await signInOnce(context, false)
  }
}

async function signInOnce(context: SignInContext, isOffline: boolean): Promise<TokenAnswer> {
  const { log, options, provider } = context
  const { extraParameters, scopes, useAccessToken } = options.provider
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
  const pkce = await createPkce(options.provider.pkce)
  const server = await startCallbackServer(options, state, log)
  try {
    const url = await requestAuthorization(context, {
      access_type: 'offline',
      ...extraParameters,
      redirect_uri: server.redirectUri,
      scope: toScope(scopes, provider, isOffline),
      state,
      ...(!useAccessToken && { nonce }),
      ...pkce?.parameters,
    })
    await showAddress(context, url.href)
    const callback = await withinTime(context, server)
    try {
      const { redirectUri } = server
      const answer = await redeemCode(context, callback.url, { redirectUri, state, nonce, pkce })
      await callback.answer(null)
      return answer
    } catch (error) {
      await callback.answer(messageOf(error))
      throw error
    }
  } finally {
    server.close()
  }
}

async function showAddress({ env, log, options }: SignInContext, url: string): Promise<void> {
  const { command, isOpened } = options.browser
  const isShown = isOpened && (await openBrowser(url, { command, env, log }))
  log.say(
    isShown
      ? `Sign in in the browser window that has opened. If there is none, open this address:\n${url}`
      : `Open this address in a browser on this machine to sign in:\n${url}`,
  )
}

async function withinTime({ options }: SignInContext, server: CallbackServer): Promise<Callback> {
  const { timeoutSeconds } = options.browser
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Failure(
            'timed-out',
            `Nobody signed in within ${timeoutSeconds} s. If the provider's page said that the redirect URI is unknown, register http://localhost:8000 and http://localhost:18000 there; this time it was ${server.redirectUri}.`,
          ),
        ),
      timeoutSeconds * 1000,
    )
  })
  try {
    return await Promise.race([server.callback, late])
  } finally {
    clearTimeout(timer)
  }
}
