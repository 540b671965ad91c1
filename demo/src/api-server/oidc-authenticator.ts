import { createPublicKey, verify, type JsonWebKeyInput } from 'node:crypto'

type PublicKey = JsonWebKeyInput['key'] & { kid?: string }

/** An issuer whose tokens are taken, as one entry of `--authentication-config` says it. */
export type OidcTrust = {
  issuer: string
  /** One of them is in `aud`. */
  audiences: readonly string[]
  usernameClaim: string
  usernamePrefix: string
  /** The issuer's public keys, RSA. A real API server reads them by discovery. */
  keys: () => Promise<readonly PublicKey[]>
}

/** Whom a token of the issuer stands for; undefined for one that is not good, or not for this cluster. */
export async function readOidcToken(
  token: string,
  trust: OidcTrust,
): Promise<{ username: string; id: string } | undefined> {
  const [head, payload, signature, ...rest] = token.split('.')
  if (!head || !payload || !signature || rest.length > 0) return undefined
  const header = decode(head)
  const claims = decode(payload)
  if (header?.['alg'] !== 'RS256' || claims?.['iss'] !== trust.issuer) return undefined
  const key = (await trust.keys()).find(({ kid }) => kid === header['kid'])
  const bytes = Buffer.from(`${head}.${payload}`)
  if (!key || !isSigned(bytes, key, signature)) return undefined
  const [exp, aud, name] = [claims['exp'], claims['aud'], claims[trust.usernameClaim]]
  if (typeof exp !== 'number' || exp * 1000 <= Date.now()) return undefined
  if (![aud].flat().some((audience) => trust.audiences.includes(String(audience)))) return undefined
  if (typeof name !== 'string' || name === '') return undefined
  if (trust.usernameClaim === 'email' && claims['email_verified'] === false) return undefined
  return { username: trust.usernamePrefix + name, id: String(claims['jti']) }
}

function isSigned(bytes: Buffer, key: PublicKey, signature: string): boolean {
  const publicKey = createPublicKey({ key, format: 'jwk' })
  return verify('sha256', bytes, publicKey, Buffer.from(signature, 'base64url'))
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
}
