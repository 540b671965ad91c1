import * as oidc from 'openid-client'
import { Failure } from '../failure.ts'
import type { Options } from '../flags/options.ts'
import type { Log } from '../log.ts'
import { explainFailure } from './explain-failure.ts'
import { createProviderFetch } from './provider-fetch.ts'
import { tidyAnswers } from './tidy-answers.ts'
import { tryBothWays } from './try-both-ways.ts'

const answerSeconds = 30
const skewSecondsMax = 5

export type Provider = {
  configuration: oidc.Configuration
  metadata: oidc.ServerMetadata
  /** By how much the provider's clock is ahead, where that matters; else 0. */
  skewSeconds: number
}

/** Asks the issuer what it is. Its ID tokens are checked by signature, issuer, audience, time and nonce. */
export async function discoverProvider(
  { provider, tls }: Pick<Options, 'provider' | 'tls'>,
  log: Log,
): Promise<Provider> {
  if (!tls.isVerified) {
    log.say(`The certificate of ${provider.issuer} is not checked (--insecure-skip-tls-verify).`)
  }
  const asking = createProviderFetch(tls, provider.headers, log)
  const { clientId, clientSecret } = provider
  const tidy = tidyAnswers(asking.fetch)
  const ask = clientSecret === null ? tidy : tryBothWays(tidy, { clientId, clientSecret })
  const isPlain = provider.issuer.startsWith('http:')
  const measures = [
    oidc.enableNonRepudiationChecks,
    ...(isPlain ? [oidc.allowInsecureRequests] : []),
  ]
  const authenticate = chooseClientAuth(provider.clientSecret)
  const configuration = await explainFailure(provider, () =>
    oidc.discovery(new URL(provider.issuer), provider.clientId, {}, authenticate, {
      execute: measures,
      timeout: answerSeconds,
      // What its type has of a body beside the standard's is not asked of us.
      [oidc.customFetch]: ask as oidc.CustomFetch,
    }),
  )
  const metadata = configuration.serverMetadata()
  checkMetadata(metadata, provider.issuer, isPlain)
  const skewSeconds = asking.skewSeconds()
  if (Math.abs(skewSeconds) <= skewSecondsMax) return { configuration, metadata, skewSeconds: 0 }
  log.say(
    `This machine's clock is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'behind' : 'ahead of'} the provider's: set it. Until then, times are read by the provider's.`,
  )
  const adjusted = new oidc.Configuration(
    metadata,
    provider.clientId,
    { [oidc.clockSkew]: skewSeconds },
    authenticate,
  )
  adjusted[oidc.customFetch] = ask as oidc.CustomFetch
  adjusted.timeout = answerSeconds
  for (const measure of measures) measure(adjusted)
  return { configuration: adjusted, metadata, skewSeconds }
}

/** By the way that the provider takes; the standard's default is the header. */
function chooseClientAuth(secret: string | null): oidc.ClientAuth {
  if (secret === null) return oidc.None()
  const [post, basic] = [oidc.ClientSecretPost(secret), oidc.ClientSecretBasic(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_post') ? post : basic)(server, ...rest)
  }
}

function checkMetadata(metadata: oidc.ServerMetadata, issuer: string, isPlain: boolean): void {
  if (metadata.issuer !== issuer) {
    throw new Failure(
      'usage',
      `The issuer calls itself ${metadata.issuer}, not ${issuer}: clusters compare letter by letter, so write it its way.`,
    )
  }
  for (const name of ['authorization_endpoint', 'token_endpoint'] as const) {
    checkEndpoint(metadata, name, isPlain)
  }
}

/** One that is not named is missed by whoever needs it. Throws `unreachable` for one that would carry secrets in the clear. */
export function checkEndpoint(
  metadata: oidc.ServerMetadata,
  name: 'authorization_endpoint' | 'token_endpoint' | 'end_session_endpoint',
  isPlain: boolean,
): void {
  const endpoint = metadata[name]
  if (endpoint === undefined) return
  const isGood = URL.canParse(endpoint) && (isPlain ? /^https?:/ : /^https:/).test(endpoint)
  if (!isGood) throw new Failure('unreachable', `The issuer names no usable ${name}.`)
}
