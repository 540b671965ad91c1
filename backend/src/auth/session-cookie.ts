import { jwtVerify, SignJWT } from 'jose'
import { deriveKeys } from './keys.ts'

const type = 'hub-session+jwt'
const issuer = 'hub'
const audience = 'hub-session'

export type SessionCookie = {
  seal(sessionId: string, expiresAt: Date): Promise<string>
  /** The session id, or null for anything the hub did not sign; the database row decides the rest. */
  open(cookie: string): Promise<string | null>
}

/** The session cookie's value: a signed envelope around an opaque id. No role, e-mail or group is inside. */
export function createSessionCookie(secrets: readonly string[], now: () => Date): SessionCookie {
  const [signingKey, ...olderKeys] = deriveKeys(secrets, 'session')
  return {
    seal(sessionId, expiresAt) {
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ: type })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now())
        .setExpirationTime(expiresAt)
        .sign(signingKey!)
    },
    async open(cookie) {
      for (const key of [signingKey!, ...olderKeys]) {
        const sessionId = await verify(cookie, key, now())
        if (sessionId !== null) return sessionId
      }
      return null
    },
  }
}

async function verify(cookie: string, key: Uint8Array, currentDate: Date): Promise<string | null> {
  try {
    const { payload } = await jwtVerify(cookie, key, {
      algorithms: ['HS256'],
      typ: type,
      issuer,
      audience,
      requiredClaims: ['exp', 'sid'],
      currentDate,
    })
    return typeof payload['sid'] === 'string' ? payload['sid'] : null
  } catch {
    return null
  }
}
