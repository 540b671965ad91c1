import * as oidc from 'openid-client'
import { Failure } from '../failure.ts'
import { askTerminal } from './ask-terminal.ts'
import { requestAuthorization } from './authorization-url.ts'
import { createPkce } from './pkce.ts'
import { redeemCode } from './redeem-code.ts'
import { toScope } from './scopes.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { TokenAnswer } from './tokens.ts'

/** The provider shows the code, and the person types it in here. */
export async function signInByKeyboard(context: SignInContext): Promise<TokenAnswer> {
  const { log, options, provider } = context
  const { extraParameters, redirectUrl, scopes, useAccessToken } = options.provider
  const redirectUri = redirectUrl ?? 'urn:ietf:wg:oauth:2.0:oob'
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
  const pkce = await createPkce(options.provider.pkce)
  const url = await requestAuthorization(context, {
    access_type: 'offline',
    ...extraParameters,
    redirect_uri: redirectUri,
    scope: toScope(scopes, provider),
    state,
    ...(!useAccessToken && { nonce }),
    ...pkce?.parameters,
  })
  log.say(
    `Open this address in any browser, and enter the code that it shows at the end:\n${url.href}`,
  )
  const code = await askTerminal('Code: ', { isHidden: false })
  if (code === '') throw new Failure('refused', 'No code was entered.')
  // As if the browser had brought it: the state is this call's own.
  const callback = new URL('http://localhost')
  callback.search = new URLSearchParams({
    code,
    state,
    ...(provider.metadata.authorization_response_iss_parameter_supported && {
      iss: provider.metadata.issuer,
    }),
  }).toString()
  return await redeemCode(context, callback, { redirectUri, state, nonce, pkce })
}
