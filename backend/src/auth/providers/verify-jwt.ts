import {
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose'
import type { SigningKeys } from './signing-keys.ts'

/**
 * Verifies a JWT by an issuer's published keys. Some issuers replace a key and keep its id (`kid`): where the signature does
 * not fit, the keys are read once more. Throws jose's error, and `provider-unavailable`.
 */
export async function verifyJwt(
  token: string,
  keys: SigningKeys,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await verifyByAny(token, keys, options)
  } catch (error) {
    const isUnsigned = error instanceof errors.JWSSignatureVerificationFailed
    if (!isUnsigned || !(await keys.readAgain())) throw error
    return verifyByAny(token, keys, options)
  }
}

async function verifyByAny(
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
