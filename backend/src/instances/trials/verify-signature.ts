import {
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
} from 'jose'
import { isRecord } from '#kube'
import { askIssuer, type IssuerDeps } from '../oidc/ask-issuer.ts'
import { fail, pass, warn, type Check } from '../oidc/checks.ts'

/** What an API server can take at all; by flags it takes the first, unless it is told others. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']

/** Whether a token is signed by one of the issuer's keys, in a way that an API server takes. */
export async function verifySignature(
  idToken: string,
  keysUrl: string,
  deps: IssuerDeps,
): Promise<Check> {
  const { alg } = readHeader(idToken)
  if (alg === undefined || !algorithms.includes(alg)) {
    return fail(
      'signature',
      `The token is signed by ${String(alg).slice(0, 20)}, which no API server takes. Have the client sign with RS256.`,
    )
  }
  const answer = await askIssuer(keysUrl, deps)
  if ('why' in answer) return fail('signature', `${keysUrl} ${answer.why}.`)
  if (!isKeySet(answer.body)) return fail('signature', `${keysUrl} holds no keys.`)
  if (!(await isSigned(idToken, answer.body))) {
    return fail(
      'signature',
      `None of the keys at ${keysUrl} signed the token: the API server answers 401. Look whether the issuer has changed its keys.`,
    )
  }
  if (alg === 'RS256') return pass('signature', 'A key of the issuer signed the token with RS256.')
  return warn(
    'signature',
    `A key of the issuer signed the token by ${alg}. By flags an API server accepts only RS256: add --oidc-signing-algs=${alg}, or use the file.`,
  )
}

function readHeader(idToken: string): { alg?: string } {
  try {
    return decodeProtectedHeader(idToken)
  } catch {
    return {}
  }
}

async function isSigned(idToken: string, keys: JSONWebKeySet): Promise<boolean> {
  try {
    await compactVerify(idToken, createLocalJWKSet(keys), { algorithms })
    return true
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return false
    // The token names no key and the issuer has several: any of them may have signed it.
    for await (const key of error) {
      const verified = await compactVerify(idToken, key, { algorithms }).catch(() => null)
      if (verified !== null) return true
    }
    return false
  }
}

function isKeySet(body: unknown): body is JSONWebKeySet {
  return isRecord(body) && Array.isArray(body['keys']) && body['keys'].every(isRecord)
}
