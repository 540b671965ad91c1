import type { OAuth2Tokens } from 'arctic'
import type { JWTPayload } from 'jose'
import { AppError } from '#errors'
import { withinBudget } from './bounded-fetch.ts'
import { cleanText } from './clean-text.ts'
import type { AuthorizationResponse } from './provider.ts'
import type { SigningKeys } from './signing-keys.ts'
import { findSubjectFault } from './subject.ts'
import { checkTimes, looseTolerance, verifyJwt } from './verify-jwt.ts'

const ageSecondsMax = 600

// RFC 8725 §3.1: only asymmetric algorithms, so that the client secret or a public key can never sign.
export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

export type IdTokenClaims = JWTPayload & { sub: string }

/** Verifies an id_token (OpenID Connect Core 1.0 §3.1.3.7) but for its issuer, where `issuer` is null. */
export async function verifyIdToken(options: {
  idToken: string
  getKey: SigningKeys
  issuer: string | null
  clientId: string
  /** `nonce` is null for what a refresh token gave: it needs none (§12.2). */
  response: Pick<AuthorizationResponse, 'authenticatedAfter' | 'signal'> & { nonce: string | null }
  currentDate: Date
  leewaySeconds: number
}): Promise<IdTokenClaims> {
  const { clientId, currentDate, getKey, idToken, issuer, leewaySeconds, response } = options
  try {
    const verified = verifyJwt(idToken, getKey, {
      ...(issuer !== null && { issuer }),
      audience: clientId,
      algorithms,
      clockTolerance: looseTolerance(leewaySeconds),
      requiredClaims: ['iss', 'exp', 'iat', 'sub', ...(response.nonce === null ? [] : ['nonce'])],
      currentDate,
    })
    const { payload } = await withinBudget(verified, response.signal, 'signing keys')
    checkTimes(payload, { ageSecondsMax, currentDate, leewaySeconds })
    if (response.nonce !== null && payload['nonce'] !== response.nonce)
      throw new Error("the nonce is another sign-in's")
    const audiences = Array.isArray(payload.aud) ? payload.aud : [payload.aud]
    const { azp } = payload
    if ((audiences.length > 1 || azp !== undefined) && azp !== clientId) {
      throw new Error('azp names another client')
    }
    const sub = requireSubject(payload.sub)
    refuseOldAuthentication(payload, response.authenticatedAfter, { currentDate, leewaySeconds })
    return { ...payload, sub }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('login-failed', {
      detail:
        "The identity provider's answer could not be verified. Start again; if it keeps happening, tell an administrator.",
      cause,
    })
  }
}

// OpenID Connect Core 1.0 §3.1.2.1: `max_age=0` asks for a new proof, and auth_time says whether there was one. It is held
// against `iat`, by the provider's own clock, and the time since by this machine's: how far they differ does not count.
function refuseOldAuthentication(
  { auth_time: authTime, iat }: JWTPayload,
  after: Date | null,
  { currentDate, leewaySeconds }: { currentDate: Date; leewaySeconds: number },
): void {
  if (after === null || typeof authTime !== 'number') return
  const takenSeconds = (currentDate.getTime() - after.getTime()) / 1000
  // Both are cut to whole seconds.
  if (iat! - authTime <= takenSeconds + leewaySeconds + 1) return
  throw new AppError('login-failed', {
    detail:
      'The identity provider did not ask you to sign in again, as the hub had asked it to. Start again; if it keeps happening, tell an administrator.',
    cause: new Error('auth_time is before this sign-in'),
  })
}

function requireSubject(sub: unknown): string {
  const fault = findSubjectFault(sub)
  if (typeof sub === 'string' && fault === null) return sub
  throw new AppError('login-failed', {
    detail: `The identity provider identifies you in a way that does not let the hub tell people apart: ${fault}. Tell an administrator.`,
    cause: new Error(`id_token: ${fault}`),
  })
}

/** Throws `login-failed` where the provider gave none. */
export function requireIdToken(tokens: OAuth2Tokens): string {
  try {
    return tokens.idToken()
  } catch (cause) {
    throw new AppError('login-failed', {
      detail: 'The identity provider answered without an id_token. Tell an administrator.',
      cause,
    })
  }
}

/** A claim that is a text for people, or null. */
export function readText(claims: Record<string, unknown>, name: string): string | null {
  const value = claims[name]
  const text = typeof value === 'string' ? cleanText(value) : ''
  return text === '' ? null : text
}

/** `auth_time` where the provider says it and it makes sense, else now. */
export function readAuthenticatedAt(claims: JWTPayload, now: Date): Date {
  const { auth_time: authTime } = claims
  if (typeof authTime !== 'number' || !Number.isFinite(authTime) || authTime <= 0) return now
  return new Date(Math.min(authTime * 1000, now.getTime()))
}

/** What the session at the provider is called there. */
export function readSessionId(claims: JWTPayload): string | null {
  const { sid } = claims
  return typeof sid === 'string' && findSubjectFault(sid, 256) === null ? sid : null
}
