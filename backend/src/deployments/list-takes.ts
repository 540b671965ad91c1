import type { DeletedDeployment } from '@hub/shared'
import type { FleetDeployment } from '#fleet'
import { isRecord, type KubeObject } from '#kube'
import { readPointer } from './changes/read-pointer.ts'
import type { DeploymentDeps } from './deps.ts'

type Take = DeletedDeployment['takes'][number]

/** What goes with a deployment: its pods as the hub knows them, and what its object says its runtime made for it. */
export function listTakes(
  { fleet }: Pick<DeploymentDeps, 'fleet'>,
  { endpoint, instance, name, namespace }: FleetDeployment,
  object: KubeObject | null,
): Take[] {
  const kind = readPointer(object, '/status/provider/resourceKind')
  const resource = readPointer(object, '/status/provider/resourceName')
  return [
    ...(typeof kind === 'string' && typeof resource === 'string'
      ? [{ kind, name: resource, detail: null }]
      : []),
    ...(endpoint ? [{ kind: 'Service', name: endpoint.service, detail: 'its address' }] : []),
    ...listClaims(name, object),
    ...fleet
      .pods({ instance, namespace, deployment: name })
      .map((pod): Take => ({ kind: 'Pod', name: pod.name, detail: pod.node })),
  ]
}

/** Claims that AI Runway made for the deployment, with everything that is on their volumes. */
function listClaims(name: string, object: KubeObject | null): Take[] {
  const volumes = readPointer(object, '/spec/model/storage/volumes')
  if (!Array.isArray(volumes)) return []
  return volumes
    .filter(isRecord)
    .filter((volume) => typeof volume['size'] === 'string' && typeof volume['name'] === 'string')
    .map((volume) => ({
      kind: 'PersistentVolumeClaim',
      name: `${name}-${String(volume['name'])}`,
      detail: `${String(volume['size'])} with what is stored there`,
    }))
}
