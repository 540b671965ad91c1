import type { OidcProfile } from '@hub/shared'
import * as z from 'zod'
import { createBoundedCache } from '#cache'
import type { Config, ExchangeClient } from '#config'
import { AppError } from '#errors'
import {
  askAsClient,
  createClientAuth,
  discoveryUrlOf,
  fetchDocument,
  isEndpointAllowed,
  keepDocument,
  providerUnavailable,
  type KeptDocument,
  type TakenProofs,
} from '#identity-providers'
import { digestOf, PrivateText } from '#secrets'
import { noToken, readClaims, requireIssuer, type ShownToken } from './read-own-token.ts'

/** A token for the cluster in place of the caller's. Throws `no-cluster-token`, `provider-unavailable`. */
export type Exchange = (
  shown: ShownToken,
  at: {
    instance: string
    profile: OidcProfile
    now: Date
    /** What the caller presented: what came of it is for nobody else. */
    key: string
  },
) => Promise<ShownToken>

/** What came of it: a token, or an error that is not asked for again by every request. */
type Kept = { given: PrivateText | AppError; goodUntil: number }

const Discovery = z.object({
  issuer: z.string(),
  token_endpoint: z.url(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional().catch(undefined),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).optional().catch(undefined),
})
const Answer = z.object({ access_token: z.string().min(1) })
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() })

const keptMax = 10_000
const issuersMax = 100
/** One that ends sooner is not shown to a cluster any more: clocks differ, and requests take their time. */
const skewMs = 30_000
const failedMs = 5_000

type ExchangeDeps = {
  config: Pick<Config, 'exchangeClients'>
  fetch: typeof fetch
  now: () => Date
}

/** Asks the issuer of a cluster's OIDC profile (RFC 8693), and keeps what it gave until shortly before that ends. */
export function createExchange(deps: ExchangeDeps): Exchange {
  const { exchangeClients } = deps.config
  const kept = createBoundedCache<Kept>({ entriesMax: keptMax })
  const asking = new Map<string, Promise<ShownToken>>()
  const findProvider = createProviders(deps)

  return async (shown, { instance, key, now, profile }) => {
    // Before anything is sent: the issuer of one person's token is not told of another's.
    requireIssuer(shown.claims, { instance, profile })
    const client = exchangeClients.get(instance) ?? exchangeClients.get('*')
    if (!client) {
      throw noToken(
        instance,
        'the hub has no client to get one with (HUB_EXCHANGE_CLIENTS). Ask an administrator of the hub.',
      )
    }
    const name = JSON.stringify([
      instance,
      profile.issuer,
      profile.clientId,
      key,
      digestOf(shown.text),
    ])
    const found = kept.get(name)
    if (found && now.getTime() < found.goodUntil) {
      if (found.given instanceof AppError) throw found.given
      return read(found.given.reveal(), instance)
    }
    const underWay =
      asking.get(name) ?? ask(deps, findProvider, { client, instance, profile, shown })
    asking.set(name, underWay)
    try {
      const given = await underWay
      const endsAt = Math.min(endOf(given), endOf(shown))
      kept.set(name, { given: new PrivateText(given.text), goodUntil: endsAt - skewMs })
      return given
    } catch (error) {
      if (error instanceof AppError) {
        kept.set(name, { given: error, goodUntil: now.getTime() + failedMs })
      }
      throw error
    } finally {
      asking.delete(name)
    }
  }
}

type FindProvider = (issuer: string) => Promise<TakenProofs>

async function ask(
  { fetch: fetchImpl, now }: ExchangeDeps,
  findProvider: FindProvider,
  {
    client,
    instance,
    profile,
    shown,
  }: {
    client: ExchangeClient
    instance: string
    profile: OidcProfile
    shown: ShownToken
  },
): Promise<ShownToken> {
  const provider = await findProvider(profile.issuer)
  const { clientId } = client
  const clientAuth = createClientAuth({ ...client, now })
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: shown.text,
    subject_token_type: `urn:ietf:params:oauth:token-type:${shown.type}`,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: profile.clientId,
    scope: ['openid', ...scopesOf(profile)].join(' '),
  })
  const { body, status } = await askAsClient(
    { clientAuth, fetch: fetchImpl, provider },
    { url: provider.tokenEndpoint, what: 'token endpoint', form },
  )
  const given = Answer.safeParse(body)
  if (status === 200 && given.success) return read(given.data.access_token, instance)
  const refusal = Refusal.safeParse(body)
  if (status >= 500 || !refusal.success) {
    throw providerUnavailable('token endpoint', new Error(`status ${status}`))
  }
  const { error, error_description: description = '' } = refusal.data
  const cause = new Error(
    `the issuer refused the exchange: ${error} ${description}`
      .slice(0, 500)
      .replaceAll(shown.text, '[redacted]'),
  )
  throw noToken(instance, describeRefusal({ error, description }, { clientId, profile }), cause)
}

/** What the username claim needs. */
function scopesOf({ extraScopes, usernameClaim }: OidcProfile): readonly string[] {
  const ofClaim = { email: ['email'], preferred_username: ['profile'], sub: [] }[usernameClaim]
  return [...new Set([...ofClaim, ...extraScopes])]
}

function describeRefusal(
  { description, error }: { error: string; description: string },
  { clientId, profile }: { clientId: string; profile: OidcProfile },
): string {
  const words = `the hub asked ${profile.issuer} for one in exchange for yours, and was refused (${error.slice(0, 60)}):`
  // Keycloak says it so.
  const isTarget = /audience not available/i.test(description)
  switch (isTarget ? 'invalid_target' : error) {
    case 'invalid_target':
      return `${words} it knows no "${profile.clientId}", or does not give tokens for it to the client "${clientId}". An administrator of the identity provider can let it.`
    case 'invalid_client':
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return `${words} the client "${clientId}" may not exchange tokens, or its secret or key is wrong. An administrator of the hub can look at HUB_EXCHANGE_CLIENTS, and one of the identity provider can turn token exchange on for that client.`
    case 'access_denied':
      return `${words} it does not let "${clientId}" exchange this token. In Keycloak the client has to be in the audience of your token.`
    default:
      return `${words} your token has expired, or cannot be exchanged. Come with a new access token, or sign in again.`
  }
}

function read(text: string, instance: string): ShownToken {
  const claims = readClaims(text)
  if (claims === null) {
    throw noToken(instance, 'the issuer gave one that is not a JWT, which no API server reads.')
  }
  return { text, claims, type: 'access_token' }
}

function endOf({ claims }: ShownToken): number {
  return (claims.exp ?? 0) * 1000
}

/** Where each issuer exchanges tokens, by its discovery document, which is kept. */
function createProviders({
  fetch: fetchImpl,
  now,
}: {
  fetch: typeof fetch
  now: () => Date
}): FindProvider {
  const documents = createBoundedCache<KeptDocument<TakenProofs>>({ entriesMax: issuersMax })
  return (issuer) => {
    const document =
      documents.get(issuer) ?? keepDocument({ now, read: () => readProvider(issuer, fetchImpl) })
    documents.set(issuer, document)
    return document.get()
  }
}

async function readProvider(issuer: string, fetchImpl: typeof fetch): Promise<TakenProofs> {
  const url = discoveryUrlOf(issuer)
  const json = await fetchDocument(fetchImpl, { url, what: 'discovery document' })
  const parsed = Discovery.safeParse(json)
  // Tokens and a secret go there: byte for byte (OpenID Connect Discovery 1.0 §4.3), and by nothing that others read.
  if (!parsed.success || parsed.data.issuer !== issuer) {
    throw providerUnavailable('discovery document', new Error('it is of another issuer'))
  }
  const { token_endpoint: tokenEndpoint } = parsed.data
  if (!isEndpointAllowed(issuer, tokenEndpoint)) {
    throw providerUnavailable('token endpoint', new Error('it does not use https'))
  }
  return {
    issuer,
    tokenEndpoint,
    authMethods: parsed.data.token_endpoint_auth_methods_supported ?? null,
    authAlgorithms: parsed.data.token_endpoint_auth_signing_alg_values_supported ?? null,
  }
}
