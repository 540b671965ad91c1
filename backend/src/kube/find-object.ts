import { ClusterError } from './cluster-error.ts'
import type { KubePath } from './kube-path.ts'
import type { KubeObject } from './objects.ts'
import type { KubeRequest, Transport } from './transport/transport.ts'

/** An object as its cluster has it now; null where there is none. Throws ClusterError. */
export async function findObject(
  transport: Transport,
  path: KubePath,
  how: Pick<KubeRequest, 'requestId' | 'timeoutMs' | 'impersonate' | 'ownToken'> = {},
): Promise<KubeObject | null> {
  try {
    return (await transport.request<KubeObject>({ method: 'GET', path, ...how })).body
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'not-found') return null
    throw error
  }
}
