import {
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose'
import type { SigningKeys } from './signing-keys.ts'

/** By how much an issuer's clock may be ahead of this machine's when it writes `iat`. */
const issuedAheadSecondsMax = 60

/**
 * Verifies a JWT by its issuer's keys. A signature that does not hold may be of a key that replaced another under the same
 * name: then the keys are read again, as often as that may be, and the token is looked at once more.
 */
export async function verifyJwt(
  token: string,
  keys: SigningKeys,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  const seen = keys.seen()
  try {
    return await verifyOnce(token, keys, options)
  } catch (error) {
    const isForged = error instanceof errors.JWSSignatureVerificationFailed
    if (!isForged || !(await keys.areOthersThan(seen))) throw error
    return verifyOnce(token, keys, options)
  }
}

async function verifyOnce(
  token: string,
  getKey: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, getKey, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    // The token names no key and the issuer has several: any of them may have signed it.
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options)
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

export type Times = { currentDate: Date; leewaySeconds: number; ageSecondsMax: number }

/** What jose is told, so that `checkTimes` decides: its one tolerance is for all. */
export function looseTolerance(leewaySeconds: number): number {
  return Math.max(leewaySeconds, issuedAheadSecondsMax)
}

/**
 * Holds a token that was made just now to its times: `iat` may be a minute ahead, and with it a `nbf` that says no more than
 * `iat`; for the rest the leeway counts. Throws an Error that says which clock is how far off.
 */
export function checkTimes(
  { exp, iat, nbf }: JWTPayload,
  { ageSecondsMax, currentDate, leewaySeconds }: Times,
): void {
  const now = Math.floor(currentDate.getTime() / 1000)
  const aheadMax = looseTolerance(leewaySeconds)
  if (typeof iat !== 'number') throw new Error('"iat" is missing or no number')
  if (iat > now + aheadMax) {
    throw new Error(
      `"iat" is ${iat - now} seconds ahead of this machine's clock; ${aheadMax} are allowed. Set the clocks`,
    )
  }
  if (now - iat > ageSecondsMax + leewaySeconds) {
    throw new Error(`"iat" is ${now - iat} seconds ago; the token is too old, or the clocks differ`)
  }
  if (typeof exp === 'number' && exp <= now - leewaySeconds) {
    throw new Error(
      `"exp" was ${now - exp} seconds ago; JWT_LEEWAY_SECONDS allows for ${leewaySeconds}. Set the clocks`,
    )
  }
  if (typeof nbf === 'number' && nbf > iat && nbf > now + leewaySeconds) {
    throw new Error(
      `"nbf" is ${nbf - now} seconds ahead; JWT_LEEWAY_SECONDS allows for ${leewaySeconds}. Set the clocks`,
    )
  }
}
