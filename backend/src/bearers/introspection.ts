import type { JWTPayload } from 'jose'
import * as z from 'zod'
import type { IntrospectionConfig } from '#config'
import type { Logger } from '#log'
import {
  askAsClient,
  createClientAuth,
  discoveryUrlOf,
  fetchDocument,
  isEndpointAllowed,
  keepDocument,
  providerUnavailable,
  type TakenProofs,
} from '#identity-providers'
import { TokenFault } from './invalid-token.ts'
import { readAccessToken, type AccessToken } from './jwt-issuer.ts'
import { refuseBound } from './require-access-token.ts'

const Names = z.array(z.string()).optional().catch(undefined)

const Discovery = z.object({
  issuer: z.string(),
  token_endpoint: z.string().optional().catch(undefined),
  introspection_endpoint: z.url().optional(),
  introspection_endpoint_auth_methods_supported: Names,
  introspection_endpoint_auth_signing_alg_values_supported: Names,
})

type Endpoint = { url: string; provider: TakenProofs }

const Active = z.looseObject({
  active: z.literal(true),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  client_id: z.string().optional(),
  exp: z.number().optional(),
  iss: z.string().optional(),
  sub: z.string().optional(),
  token_type: z.string().optional(),
  token_use: z.string().optional(),
})

/** What an issuer says of a token that nobody but it can read (RFC 7662). */
export type Introspection = {
  /** Throws TokenFault for what is not good, or not for this hub; `provider-unavailable`. */
  verify(token: string): Promise<AccessToken>
}

type Options = {
  config: IntrospectionConfig
  fetch: typeof fetch
  now: () => Date
  log: Logger
}

/** Asked at once; more are told to come back. */
const askedMax = 32
/** What says no end is good for as long as a caller is remembered. */
const endlessMs = 60_000
const what = 'introspection endpoint'

export function createIntrospection(options: Options): Introspection {
  const { config, fetch, log, now } = options
  const discovery = keepDocument({ now, read: () => readEndpoint(options) })
  const clientAuth = createClientAuth({ ...config, now })
  const variable =
    config.credential.type === 'secret' ? 'OIDC_CLIENT_SECRET' : config.credential.variable
  let asked = 0
  let isUnusedTold = false

  const ask = async ({ provider, url }: Endpoint, token: string): Promise<unknown> => {
    if (asked >= askedMax) throw providerUnavailable(what, new Error('too many are asked already'))
    asked += 1
    try {
      const { body, status } = await askAsClient(
        { clientAuth, fetch, provider },
        { url, what, form: new URLSearchParams({ token, token_type_hint: 'access_token' }) },
      )
      if (status === 200) return body
      log.warn({ status, issuer: config.issuer }, `${refused} ${variable}`)
      throw providerUnavailable(what, new Error(`status ${status}`))
    } finally {
      asked -= 1
    }
  }

  return {
    async verify(token) {
      const endpoint = await discovery.get()
      if (endpoint === null) {
        if (!isUnusedTold) log.info({ issuer: config.issuer }, `${variable} ${unused}`)
        isUnusedTold = true
        throw new TokenFault('it is not a JWT, and its issuer offers no introspection')
      }
      return readActive(await ask(endpoint, token), config, now())
    },
  }
}

const refused = 'the issuer does not let the hub ask about tokens; check OIDC_CLIENT_ID and'
const unused =
  'is not used: the issuer offers no introspection, so its tokens are checked by their signature alone'

async function readEndpoint({ config, fetch }: Options): Promise<Endpoint | null> {
  const { issuer } = config
  const url = discoveryUrlOf(issuer)
  const found = Discovery.parse(await fetchDocument(fetch, { url, what: 'discovery document' }))
  if (found.issuer !== issuer) {
    throw providerUnavailable(what, new Error(`the discovery document is of "${found.issuer}"`))
  }
  const endpoint = found.introspection_endpoint ?? null
  // The secret and the token go there.
  if (endpoint !== null && !isEndpointAllowed(issuer, endpoint)) {
    throw providerUnavailable(what, new Error('introspection_endpoint does not use https'))
  }
  if (endpoint === null) return null
  return {
    url: endpoint,
    provider: {
      issuer,
      tokenEndpoint: found.token_endpoint ?? issuer,
      authMethods: found.introspection_endpoint_auth_methods_supported ?? null,
      authAlgorithms: found.introspection_endpoint_auth_signing_alg_values_supported ?? null,
    },
  }
}

/** RFC 7662 §2.2: whatever does not say that it is active is not. */
function readActive(
  answer: unknown,
  { clientId, issuer }: IntrospectionConfig,
  now: Date,
): AccessToken {
  const { data } = Active.safeParse(answer)
  if (!data) throw new TokenFault('its issuer says that it is not active')
  refuseBound(data)
  refuseOtherTypes(data)
  const { aud, client_id, exp, iss } = data
  if (iss !== undefined && iss !== issuer) throw new TokenFault('it is of another issuer')
  const isForHub = aud === undefined ? client_id === clientId : [aud].flat().includes(clientId)
  if (!isForHub) throw new TokenFault(`token is not for ${clientId}; add an Audience mapper`)
  if (exp !== undefined && exp * 1000 <= now.getTime()) throw new TokenFault('expired')
  const endsAt = exp === undefined ? now.getTime() + endlessMs : exp * 1000
  const payload = { ...data, sub: data.sub ?? client_id } as JWTPayload
  return readAccessToken(payload, { issuer, audiences: [clientId], expiresAt: new Date(endsAt) })
}

/**
 * Issuers tell of refresh tokens too (RFC 7662 §2.1). Those have no `token_type`, which is an access token's (RFC 6749 §5.1),
 * and no audience but the issuer; Ory says so in `token_use`.
 */
function refuseOtherTypes({ aud, token_type: type, token_use: use }: z.infer<typeof Active>): void {
  const isBearer = type === undefined ? aud !== undefined : type.toLowerCase() === 'bearer'
  if (isBearer && (use === undefined || use === 'access_token')) return
  throw new TokenFault('its issuer does not say that it is a bearer access token')
}
