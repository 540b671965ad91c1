import {
  ClusterError,
  type ApiGroup,
  type KubeObject,
  type KubeRequest,
  type Transport,
} from '#kube'
import { objectPath } from './paths.ts'

/** A ModelDeployment as its cluster has it now; null where there is none. Throws ClusterError. */
export async function readObject(
  transport: Transport,
  at: { apiGroup: ApiGroup; namespace: string; name: string },
  how: Pick<KubeRequest, 'requestId' | 'timeoutMs'> = {},
): Promise<KubeObject | null> {
  try {
    const path = objectPath(at.apiGroup, at.namespace, at.name)
    return (await transport.request<KubeObject>({ method: 'GET', path, ...how })).body
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'not-found') return null
    throw error
  }
}
