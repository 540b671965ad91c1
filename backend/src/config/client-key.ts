import {
  createPrivateKey,
  X509Certificate,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'

/** What a client signs its assertions with (OpenID Connect Core 1.0 §9). */
export type ClientKey = {
  key: KeyObject
  /** What it can sign by (RFC 7518 §3.1), what most providers take before the rest. */
  algorithms: readonly string[]
  /** By what a provider knows it: the `kid` of a JWK, the thumbprint of the certificate beside it. */
  names: { kid?: string; 'x5t#S256'?: string }
}

/** What is wrong goes on after the file's name, and shows nothing of what is in it. */
export type Parsed<Value> = { value: Value } | { fault: string }

const rsaBitsMin = 2048
const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const privateKeys = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g

/** Of PEM, with or without the certificate beside it, or of a JWK. */
export function parseClientKey(text: string): Parsed<ClientKey> {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    return { fault: 'holds a key under a passphrase; write it without one' }
  }
  const blocks = text.match(privateKeys) ?? []
  if (blocks.length > 1) return { fault: 'holds several private keys; leave one' }
  const read = readKey(text, blocks[0])
  if (read === null) {
    return { fault: 'holds no private key; write one as PEM (PKCS#8) or as a JWK' }
  }
  const { alg, key, kid } = read
  const found = findAlgorithms(key)
  if ('fault' in found) return found
  if (alg !== undefined && !found.value.some((each) => each === alg)) {
    return { fault: 'holds a JWK whose alg is none that its key can sign by; correct or remove it' }
  }
  const beside = text.match(certificates) ?? []
  const certificate = beside.flatMap(readCertificate).find((each) => each.checkPrivateKey(key))
  if (beside.length > 0 && !certificate) {
    return { fault: 'holds a certificate that is not of its key; put the two that belong together' }
  }
  return {
    value: {
      key,
      algorithms: typeof alg === 'string' ? [alg] : found.value,
      names: {
        ...(typeof kid === 'string' && { kid }),
        ...(certificate && { 'x5t#S256': thumbprintOf(certificate) }),
      },
    },
  }
}

/** A JWT that a platform wrote; whom it convinces is the provider's to say. */
export function parseAssertion(text: string): Parsed<string> {
  const token = text.trim()
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)
    ? { value: token }
    : { fault: 'holds no JWT; name the file that the platform writes the token to' }
}

type Named = { alg?: unknown; kid?: unknown }

function readKey(text: string, pem: string | undefined): (Named & { key: KeyObject }) | null {
  try {
    if (pem !== undefined) return { key: createPrivateKey(pem) }
    const jwk = JSON.parse(text) as JsonWebKeyInput['key'] & Named
    return { ...jwk, key: createPrivateKey({ key: jwk, format: 'jwk' }) }
  } catch {
    return null
  }
}

const rsaSignatures = ['RS256', 'RS384', 'RS512']
const pssSignatures = ['PS256', 'PS384', 'PS512']
const curves: Record<string, string> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function findAlgorithms(key: KeyObject): Parsed<readonly string[]> {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      // RFC 7518 §3.3
      return modulusLength < rsaBitsMin
        ? { fault: `holds an RSA key of fewer than ${rsaBitsMin} bits; make a longer one` }
        : { value: [...rsaSignatures, ...pssSignatures] }
    case 'ed25519':
      return { value: ['EdDSA', 'Ed25519'] }
    default: {
      const algorithm = curves[namedCurve]
      return algorithm === undefined
        ? {
            fault:
              'holds a key that signs no JWTs; write one of RSA, P-256, P-384, P-521 or Ed25519',
          }
        : { value: [algorithm] }
    }
  }
}

function readCertificate(pem: string): X509Certificate[] {
  try {
    return [new X509Certificate(pem)]
  } catch {
    return []
  }
}

/** RFC 7515 §4.1.8 */
function thumbprintOf({ fingerprint256 }: X509Certificate): string {
  return Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
}
