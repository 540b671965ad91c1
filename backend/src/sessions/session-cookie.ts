import { jwtVerify, SignJWT } from 'jose'
import { createBoundedCache } from '#cache'
import { deriveKeys } from '#config'
import { digestOf } from '#secrets'

const type = 'hub-session+jwt'
const issuer = 'hub'
const audience = 'hub-session'
/** Cookies whose signature was checked before. */
const openedMax = 10_000

export type OpenedCookie = { readonly id: string; readonly secretHash: string }

export type SessionCookie = {
  seal(session: { id: string; secret: string }, expiresAt: Date): Promise<string>
  /** Which session it is and the digest of its secret, or null for what the hub did not sign; the row decides the rest. */
  open(cookie: string): Promise<OpenedCookie | null>
}

/** The session cookie's value: a signed envelope around an opaque id. No role, e-mail or group is inside. */
export function createSessionCookie(secrets: readonly string[], now: () => Date): SessionCookie {
  const [signingKey, ...olderKeys] = deriveKeys(secrets, 'session')
  /** By the cookie's digest: the cookie itself is kept nowhere. */
  const opened = createBoundedCache<{ session: OpenedCookie; expiresAt: number }>({
    entriesMax: openedMax,
  })
  return {
    seal({ id, secret }, expiresAt) {
      return new SignJWT({ sid: id, key: secret })
        .setProtectedHeader({ alg: 'HS256', typ: type })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now())
        .setExpirationTime(expiresAt)
        .sign(signingKey!)
    },
    async open(cookie) {
      const digest = digestOf(cookie)
      const known = opened.get(digest)
      if (known) return now().getTime() < known.expiresAt ? known.session : null
      for (const key of [signingKey!, ...olderKeys]) {
        const verified = await verify(cookie, key, now())
        if (verified === null) continue
        opened.set(digest, verified)
        return verified.session
      }
      return null
    },
  }
}

async function verify(
  cookie: string,
  key: Uint8Array,
  currentDate: Date,
): Promise<{ session: OpenedCookie; expiresAt: number } | null> {
  try {
    const { payload } = await jwtVerify<{ sid: unknown; key: unknown }>(cookie, key, {
      algorithms: ['HS256'],
      typ: type,
      issuer,
      audience,
      requiredClaims: ['exp', 'sid', 'key'],
      currentDate,
    })
    const { exp, key: secret, sid: id } = payload
    if (typeof id !== 'string' || typeof secret !== 'string') return null
    return { session: { id, secretHash: digestOf(secret) }, expiresAt: exp! * 1000 }
  } catch {
    return null
  }
}
