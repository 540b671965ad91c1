import { decodeProtectedHeader } from 'jose'
import { askProvider } from './bounded-fetch.ts'
import { algorithms } from './id-token.ts'
import type { ProviderMetadata } from './oidc-discovery.ts'
import { looseTolerance, verifyJwt } from './verify-jwt.ts'

type UserInfoRequest = {
  metadata: ProviderMetadata
  endpoint: string
  accessToken: string
  issuer: string
  clientId: string
  /** Of the id_token. */
  subject: string
  currentDate: Date
  leewaySeconds: number
  fetch: typeof fetch
  signal: AbortSignal
}

/**
 * What the UserInfo endpoint says of the person (OpenID Connect Core 1.0 §5.3), as JSON or signed. Throws an Error that says
 * why nothing of it can be taken.
 */
export async function readUserInfo(request: UserInfoRequest): Promise<Record<string, unknown>> {
  const { body, headers, status, text } = await askProvider(request.fetch, {
    url: request.endpoint,
    what: 'UserInfo endpoint',
    headers: {
      accept: 'application/json, application/jwt;q=0.9',
      authorization: `Bearer ${request.accessToken}`,
    },
    signal: request.signal,
  })
  if (status !== 200) throw new Error(`the UserInfo endpoint answered ${status}`)
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  const claims = type === 'application/jwt' ? await verifySigned(text.trim(), request) : body
  if (typeof claims !== 'object' || claims === null) {
    throw new Error(`the UserInfo endpoint answered with ${type ?? 'no type'}, which is no JSON`)
  }
  // §5.3.2
  const { sub } = claims as { sub?: unknown }
  if (sub !== request.subject) throw new Error("the UserInfo is another person's than the id_token")
  return { ...claims }
}

async function verifySigned(
  token: string,
  { clientId, currentDate, issuer, leewaySeconds, metadata }: UserInfoRequest,
): Promise<object> {
  if (token.split('.').length === 5) {
    throw new Error(
      'the UserInfo is encrypted, which the hub does not read; let it be signed alone',
    )
  }
  const { alg = 'none' } = decodeProtectedHeader(token)
  if (!algorithms.includes(alg)) {
    throw new Error(
      `the UserInfo is signed with ${alg.slice(0, 20)}, which the hub does not take; let it be RS256 or plain JSON`,
    )
  }
  const { payload } = await verifyJwt(token, metadata.getKey, {
    algorithms,
    clockTolerance: looseTolerance(leewaySeconds),
    currentDate,
  })
  // §5.3.2: they should be there; where they are, they are this issuer and this client.
  if (payload.iss !== undefined && payload.iss !== issuer) {
    throw new Error('the signed UserInfo is of another issuer')
  }
  if (payload.aud !== undefined && ![payload.aud].flat().includes(clientId)) {
    throw new Error('the signed UserInfo is for another client')
  }
  return payload
}
