import { jwtVerify, SignJWT } from 'jose'
import { digestOf } from './digest.ts'
import { deriveKeys } from './keys.ts'

const type = 'hub-session+jwt'
const issuer = 'hub'
const audience = 'hub-session'
/** Cookies whose signature was checked before. */
const openedMax = 10_000

export type SessionCookie = {
  seal(sessionId: string, expiresAt: Date): Promise<string>
  /** The digest of the session's id, or null for what the hub did not sign; the database row decides the rest. */
  open(cookie: string): Promise<string | null>
}

/** The session cookie's value: a signed envelope around an opaque id. No role, e-mail or group is inside. */
export function createSessionCookie(secrets: readonly string[], now: () => Date): SessionCookie {
  const [signingKey, ...olderKeys] = deriveKeys(secrets, 'session')
  const opened = new Map<string, { idHash: string; expiresAt: number }>()
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
      const known = opened.get(cookie)
      if (known) return now().getTime() < known.expiresAt ? known.idHash : null
      for (const key of [signingKey!, ...olderKeys]) {
        const session = await verify(cookie, key, now())
        if (session === null) continue
        // The oldest goes first: a map keeps the order in which its keys came.
        if (opened.size >= openedMax) opened.delete(opened.keys().next().value!)
        opened.set(cookie, session)
        return session.idHash
      }
      return null
    },
  }
}

async function verify(
  cookie: string,
  key: Uint8Array,
  currentDate: Date,
): Promise<{ idHash: string; expiresAt: number } | null> {
  try {
    const { payload } = await jwtVerify<{ sid: unknown }>(cookie, key, {
      algorithms: ['HS256'],
      typ: type,
      issuer,
      audience,
      requiredClaims: ['exp', 'sid'],
      currentDate,
    })
    if (typeof payload.sid !== 'string') return null
    return { idHash: digestOf(payload.sid), expiresAt: payload.exp! * 1000 }
  } catch {
    return null
  }
}
