import * as oidc from 'openid-client'
import type { Options } from '../flags/options.ts'
import { explainFailure } from './explain-failure.ts'
import type { Pkce } from './pkce.ts'
import type { Provider } from './provider.ts'
import type { TokenAnswer } from './tokens.ts'

/** Trades the code that came back for tokens, and checks both against what was sent. */
export async function redeemCode(
  { options, provider }: { options: Options; provider: Provider },
  callback: URL,
  sent: { redirectUri: string; state: string; nonce: string; pkce: Pkce },
): Promise<TokenAnswer> {
  const { configuration } = provider
  nameRedirectUri(configuration, sent.redirectUri)
  return await explainFailure(options.provider, () =>
    oidc.authorizationCodeGrant(configuration, callback, {
      expectedState: sent.state,
      ...(!options.provider.useAccessToken && { expectedNonce: sent.nonce, idTokenExpected: true }),
      ...(sent.pkce && { pkceCodeVerifier: sent.pkce.verifier }),
    }),
  )
}

/** The library names the address that came back as it is parsed, with a slash that the provider does not know. */
function nameRedirectUri(configuration: oidc.Configuration, redirectUri: string): void {
  const ask = configuration[oidc.customFetch]!
  configuration[oidc.customFetch] = (url, init) => {
    if (init.body instanceof URLSearchParams && init.body.has('redirect_uri')) {
      init.body.set('redirect_uri', redirectUri)
    }
    return ask(url, init)
  }
}
