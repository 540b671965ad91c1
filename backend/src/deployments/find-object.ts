import {
  ClusterError,
  type KubeObject,
  type KubePath,
  type KubeRequest,
  type Transport,
} from '#kube'

/** An object as its cluster has it now; null where there is none. Throws ClusterError. */
export async function findObject(
  transport: Transport,
  path: KubePath,
  how: Pick<KubeRequest, 'requestId' | 'timeoutMs' | 'impersonate'> = {},
): Promise<KubeObject | null> {
  try {
    return (await transport.request<KubeObject>({ method: 'GET', path, ...how })).body
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'not-found') return null
    throw error
  }
}
