import { X509Certificate } from 'node:crypto'
import type { ClusterCredential } from './parse-kubeconfig.ts'

/** When the client certificate ends; null for a credential without one. */
export function certificateExpiry({ clientCertificate }: ClusterCredential): Date | null {
  if (clientCertificate === null) return null
  return new X509Certificate(clientCertificate.certificate).validToDate
}
