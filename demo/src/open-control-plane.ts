import { readFile } from 'node:fs/promises'
import { issueClientCertificate, type KeyPair } from './certificates.ts'
import { renderKubeconfig } from './cluster.ts'
import type { Cluster, ClusterAuthentication, ClusterCredential } from './cluster.ts'

/** What another process needs to use a control plane as the one that started it does. */
export type ControlPlaneHandle = Place &
  Pick<Cluster, 'crdGroup'> & {
    kubeconfigs: Record<ClusterAuthentication, string>
    etcdUrl: string
    apiServerPid: number
    /** Where the API server writes who asked for what, if it does. */
    auditPath: string | null
  }

type Place = {
  /** Of the cluster and the context in kubeconfigs. */
  name: string
  url: string
  /** Of the API server and of its clients. */
  authority: KeyPair
}

/** One line of the API server's audit log at level Metadata, as far as tests look. */
export type AuditEvent = {
  auditID: string
  verb: string
  user: { username: string; groups: string[]; extra?: Record<string, string[]> }
  impersonatedUser?: { username: string; groups: string[] }
  objectRef?: { resource?: string; namespace?: string; name?: string }
  responseStatus?: { code: number }
}

export type OpenControlPlane = Cluster & {
  /** Every request that was answered so far, where `audit` is on; else none. */
  auditEvents(): Promise<AuditEvent[]>
  /** Holds the API server where it is: connections stay open and nothing answers, until `thaw`. */
  freeze(): void
  thaw(): void
}

/** All but what only the process can do that started it. */
export function openControlPlane(
  handle: ControlPlaneHandle,
): Omit<OpenControlPlane, 'freeze' | 'thaw' | 'stop'> {
  const { auditPath, authority, crdGroup, kubeconfigs, url } = handle
  return {
    kind: 'real',
    crdGroup,
    url,
    caCertificate: authority.certificate,
    kubeconfig: (authentication) => kubeconfigs[authentication],
    kubeconfigFor: (user) => kubeconfigFor(handle, user),
    auditEvents: async () => {
      const text = auditPath === null ? '' : await readFile(auditPath, 'utf8')
      const lines = text.split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as AuditEvent)
    },
  }
}

export async function kubeconfigFor(
  place: Place,
  user: Parameters<Cluster['kubeconfigFor']>[0],
): Promise<string> {
  const clientCertificate = await issueClientCertificate(place.authority, user)
  return kubeconfigOf(place, user.user, { clientCertificate })
}

export function kubeconfigOf(
  { authority, name, url }: Place,
  user: string,
  credential: ClusterCredential,
): string {
  return renderKubeconfig({ name, user, url, caCertificate: authority.certificate, credential })
}
