import type { KeyObject } from 'node:crypto'
import { jwtVerify, type JWTHeaderParameters, type JWTPayload } from 'jose'

/** How one client of a test provider proves itself by a JWT. */
export type KnownClient = {
  /** Its public keys, of which one is good enough. */
  keys: readonly KeyObject[]
  audience: string
  /** What it is called in `iss` and `sub`. */
  issuer: string
  subject: string
  algorithms: readonly string[]
  /** Whether the client signs them itself, one for each request. */
  isOwn: boolean
}

export type TakenAssertion = { header: JWTHeaderParameters; claims: JWTPayload }

/** Takes client assertions as RFC 7523 §3 asks, those that a client signs itself for a minute or two and once. */
export function createAssertionCheck() {
  const used = new Set<string>()
  const taken: TakenAssertion[] = []

  async function isTaken(form: URLSearchParams, client: KnownClient): Promise<boolean> {
    if (form.get('client_assertion_type') !== assertionType || form.has('client_secret'))
      return false
    for (const key of client.keys) {
      const verified = await verify(form.get('client_assertion') ?? '', key, client)
      if (verified === null) continue
      if (client.isOwn && !isFresh(verified.claims)) return false
      taken.push(verified)
      return true
    }
    return false
  }

  function isFresh({ exp = 0, iat = 0, jti }: JWTPayload): boolean {
    if (jti === undefined || used.has(jti) || exp - iat > 120) return false
    used.add(jti)
    return true
  }

  return { isTaken, taken }
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

async function verify(
  assertion: string,
  key: KeyObject,
  { algorithms, audience, issuer, subject }: KnownClient,
): Promise<TakenAssertion | null> {
  try {
    const { payload, protectedHeader } = await jwtVerify(assertion, key, {
      algorithms: [...algorithms],
      issuer,
      subject,
      audience,
      requiredClaims: ['exp'],
    })
    // A list of audiences is one that others may be in.
    return typeof payload.aud === 'string' ? { header: protectedHeader, claims: payload } : null
  } catch {
    return null
  }
}
