import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate and its private key, both PEM. */
export type KeyPair = { readonly certificate: string; readonly privateKey: string }

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}
const dayMs = 24 * 60 * 60 * 1000
const usualLifetimeDays = 365

/** A self-signed certificate authority. */
export async function createCertificateAuthority(
  commonName: string,
  options: { lifetimeDays?: number; isRsa?: boolean } = {},
): Promise<KeyPair> {
  const signingAlgorithm = options.isRsa ? rsa : algorithm
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...validity(options.lifetimeDays),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toKeyPair(certificate, keys.privateKey)
}

/** An authority that another one vouches for. */
export function issueAuthority(authority: KeyPair, commonName: string): Promise<KeyPair> {
  return issue(authority, {
    name: [{ CN: [commonName] }],
    usage: x509.ExtendedKeyUsage.serverAuth,
    extensions: [],
    isAuthority: true,
  })
}

/** A serving certificate for 127.0.0.1, localhost and whatever further DNS names are given. */
export function issueServerCertificate(
  authority: KeyPair,
  options: {
    commonName?: string
    dnsNames?: readonly string[]
    ipAddresses?: readonly string[]
  } = {},
): Promise<KeyPair> {
  const subjectAlternativeName = new x509.SubjectAlternativeNameExtension([
    ...['127.0.0.1', ...(options.ipAddresses ?? [])].map((value) => ({
      type: 'ip' as const,
      value,
    })),
    ...['localhost', ...(options.dnsNames ?? [])].map((value) => ({ type: 'dns' as const, value })),
  ])
  return issue(authority, {
    name: [{ CN: [options.commonName ?? 'localhost'] }],
    usage: x509.ExtendedKeyUsage.serverAuth,
    extensions: [subjectAlternativeName],
  })
}

/** A client certificate as Kubernetes reads it: common name = user, organizations = groups. */
export function issueClientCertificate(
  authority: KeyPair,
  options: { user: string; groups?: readonly string[]; lifetimeDays?: number },
): Promise<KeyPair> {
  return issue(authority, {
    // One relative distinguished name per value: several organizations in one set are legal but rare.
    name: [...(options.groups ?? []).map((group) => ({ O: [group] })), { CN: [options.user] }],
    usage: x509.ExtendedKeyUsage.clientAuth,
    extensions: [],
    ...(options.lifetimeDays !== undefined && { lifetimeDays: options.lifetimeDays }),
  })
}

async function issue(
  authority: KeyPair,
  leaf: {
    name: x509.JsonName
    usage: x509.ExtendedKeyUsage
    extensions: x509.Extension[]
    lifetimeDays?: number
    isAuthority?: boolean
  },
): Promise<KeyPair> {
  const { isAuthority = false } = leaf
  const issuer = new x509.X509Certificate(authority.certificate)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.privateKey),
    algorithm,
    false,
    ['sign'],
  )
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: leaf.name,
    issuer: issuer.subjectName,
    ...validity(leaf.lifetimeDays),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, isAuthority ? 0 : undefined, true),
      new x509.KeyUsagesExtension(
        isAuthority ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([leaf.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...leaf.extensions,
    ],
  })
  return toKeyPair(certificate, keys.privateKey)
}

async function toKeyPair(
  certificate: x509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<KeyPair> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `${x509.PemConverter.encode(pkcs8, x509.PemConverter.PrivateKeyTag)}\n`,
  }
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0]! & 0x7f) | 0x01 // positive and without a leading zero octet, as DER wants it
  return Buffer.from(bytes).toString('hex')
}

function validity(lifetimeDays = usualLifetimeDays) {
  const now = Date.now()
  return {
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + lifetimeDays * dayMs),
  }
}
