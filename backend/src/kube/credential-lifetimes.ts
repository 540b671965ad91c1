import { X509Certificate } from 'node:crypto'
import { readCertificates } from './client-certificate.ts'
import { isRecord } from './objects.ts'
import type { ClusterCredential } from './cluster-credential.ts'

/** From when until when a part of a credential is good, as it says itself; null where it does not say. */
export type Lifetime = {
  of: 'token' | 'client certificate' | 'certificate authority'
  from: Date | null
  to: Date | null
}

/**
 * What of a credential begins or ends. Nothing is verified here: that is for the cluster. Authorities that stand in
 * `before` as well are not read again: a token is replaced every hour, and they are not.
 */
export function readLifetimes(
  credential: ClusterCredential,
  before: { credential: ClusterCredential; lifetimes: readonly Lifetime[] } | null,
): Lifetime[] {
  const { ca, clientCertificate, token } = credential
  const lifetimes: Lifetime[] = []
  if (token !== null) lifetimes.push(readToken(token))
  if (clientCertificate !== null) {
    const { validFromDate, validToDate } = new X509Certificate(clientCertificate.certificate)
    lifetimes.push({ of: 'client certificate', from: validFromDate, to: validToDate })
  }
  if (ca !== null) {
    const known = before?.credential.ca === ca ? before.lifetimes.find(isOfAuthorities) : undefined
    lifetimes.push(known ?? readAuthorities(ca))
  }
  return lifetimes
}

/** RFC 7519 §4.1: tokens of ServiceAccounts and of many exec plugins are JWTs; others say nothing. */
function readToken(token: string): Lifetime {
  const none: Lifetime = { of: 'token', from: null, to: null }
  const parts = token.split('.')
  if (parts.length !== 3) return none
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'))
    if (!isRecord(claims)) return none
    return { of: 'token', from: readNumericDate(claims['nbf']), to: readNumericDate(claims['exp']) }
  } catch {
    return none
  }
}

function readNumericDate(seconds: unknown): Date | null {
  if (typeof seconds !== 'number') return null
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? null : date
}

function isOfAuthorities({ of }: Lifetime): boolean {
  return of === 'certificate authority'
}

/** Of several authorities one that is good is enough. */
function readAuthorities(ca: string): Lifetime {
  const ends = readCertificates(ca, 'certificate-authority-data').map((pem) =>
    new X509Certificate(pem).validToDate.getTime(),
  )
  return { of: 'certificate authority', from: null, to: new Date(Math.max(...ends)) }
}
