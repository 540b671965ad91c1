import { X509Certificate } from 'node:crypto'
import { findAuthorityFault } from '@hub/shared'

/** What is wrong with the text of certificate authorities, or null where there is none to check or nothing wrong. It continues the sentence "the field …". */
export function findAuthoritiesFault(pem: string | null): string | null {
  if (pem === null) return null
  const fault = findAuthorityFault(pem)
  if (fault !== null) return fault
  const certificates = readCertificates(pem)
  if (certificates === null) return 'holds a certificate that cannot be read: copy it once more'
  const other = certificates.find((each) => !each.ca && !each.checkIssued(each))
  if (other === undefined) return null
  return `holds the certificate of ${nameOf(other)}, which is no authority: give that of the authority that signed it`
}

/** When the last of them ends: of several, one that is good is enough. Null where none can be read. */
export function findAuthoritiesEnd(pem: string): Date | null {
  const ends = readCertificates(pem)?.map(({ validToDate }) => validToDate.getTime()) ?? []
  return ends.length === 0 ? null : new Date(Math.max(...ends))
}

function readCertificates(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return null
  }
}

/** It is shown, and somebody else wrote it. */
function nameOf({ subject }: X509Certificate): string {
  const plain = subject.replaceAll(/\p{C}/gu, ', ')
  return plain.length > 100 ? `${plain.slice(0, 100)}…` : plain
}
