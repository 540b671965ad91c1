import type { LastingTokens } from '#people'
import { readToken } from './read-token.ts'

type RefreshTokens = Extract<LastingTokens, { refreshToken: string }>

/**
 * What a sign-in gave for looking groups up later. Without `offline_access` it belongs to the session at the provider (OpenID
 * Connect Core 1.0 §11), and that it ends with it says nothing of the person.
 */
export function readRefreshToken(
  answer: object,
  options: { asked: readonly string[]; sessionId: string | null; now: Date },
): RefreshTokens | null {
  const refreshToken = readToken(answer, 'refresh_token')
  if (refreshToken === null) return null
  const { asked, now, sessionId } = options
  // RFC 6749 §5.1: what is granted is said where it differs from what was asked for.
  const granted = readToken(answer, 'scope')?.split(' ') ?? asked
  const isLasting = granted.includes('offline_access')
  return {
    refreshToken,
    ...(!isLasting && sessionId !== null && { sessionId }),
    ...readEnd(answer, now),
  }
}

/** What is kept after a look-up: another token where one was given, else the same. */
export function readNextToken(answer: object, before: RefreshTokens, now: Date): RefreshTokens {
  const { sessionId } = before
  const given = readToken(answer, 'refresh_token')
  const isKept = given === null || given === before.refreshToken
  return {
    refreshToken: given ?? before.refreshToken,
    ...(sessionId !== undefined && { sessionId }),
    ...(before.endsAt !== undefined && given === null
      ? { endsAt: before.endsAt }
      : readEnd(answer, now)),
    ...(isKept && { isKept }),
  }
}

// Keycloak and others say so; for an offline token it is 0.
function readEnd(answer: object, now: Date): { endsAt?: number } {
  const { refresh_expires_in: seconds } = answer as Record<string, unknown>
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds < 1e9)) return {}
  return { endsAt: now.getTime() + seconds * 1000 }
}
