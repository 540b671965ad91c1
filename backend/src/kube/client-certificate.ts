import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createBoundedCache } from '#cache'
import { howToMake, Refusal } from './refusal.ts'

export type NamedPem = { pem: string; field: string }

/** The certificates of a PEM text, each as one. Throws Refusal for none and for too many. */
export type ReadCertificates = (pem: string, field: string) => readonly string[]

/** More than any authority file of an operating system holds. */
const certificatesMax = 300
/** Signing with a longer one takes too long, at every connection. */
const rsaBitsMax = 8192
const keyLengthMax = 16 * 1024
/** Of more instances than one hub serves. */
const rememberedMax = { entriesMax: 1_000, bytesMax: 4 * 1024 * 1024 }

/** Throws Refusal unless both can be read and belong together. */
export function checkClientCertificate(certificate: NamedPem, key: NamedPem) {
  const certificates = readCertificates(certificate.pem, certificate.field)
  if (!new X509Certificate(certificates[0]!).checkPrivateKey(readKey(key.pem, key.field))) {
    throw new Refusal(
      `The user's "${key.field}" does not belong to its "${certificate.field}".`,
      howToMake,
    )
  }
  return { certificate: certificates.join('\n'), key: key.pem }
}

/** Reads what it was given before no second time: a credential changes every hour, and its authority does not. */
export function rememberCertificates(): ReadCertificates {
  const remembered = createBoundedCache<readonly string[]>(rememberedMax)
  return (pem, field) => {
    const before = remembered.get(pem)
    if (before) return before
    const read = readCertificates(pem, field)
    remembered.set(pem, read, pem.length)
    return read
  }
}

export function readCertificates(pem: string, field: string): readonly string[] {
  const blocks =
    pem.match(/-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > certificatesMax) {
    throw new Refusal(
      `"${field}" holds more than ${certificatesMax} certificates.`,
      "Keep only those of this cluster's authority.",
    )
  }
  try {
    if (blocks.length > 0)
      return blocks.map((block) => new X509Certificate(block).toString().trim())
  } catch {
    // The reason is the same as for no block at all.
  }
  throw new Refusal(`"${field}" holds no PEM certificate that can be read.`, howToMake)
}

function readKey(pem: string, field: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw new Refusal(`"${field}" is encrypted with a passphrase.`, 'Give the key unencrypted.')
  }
  const key = pem.length > keyLengthMax ? null : parseKey(pem)
  if (key === null) throw new Refusal(`"${field}" holds no PEM key that can be read.`, howToMake)
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > rsaBitsMax) {
    throw new Refusal(
      `"${field}" is an RSA key of more than ${rsaBitsMax} bits.`,
      'Use one of 4096 bits, or an ECDSA key.',
    )
  }
  return key
}

function parseKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}
