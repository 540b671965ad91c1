import { apiGroups, isRecord, type KubeObject } from '#kube'
import { isAcceleratorLike } from './extended-resources.ts'
import { readRequests } from './pod-requests.ts'
import { readRecord } from './read-fields.ts'
import { readPodDetail, type PodDetail } from './read-pod-detail.ts'
import { readPodPart, type PodPart } from './read-pod-part.ts'

/** A pod as far as the hub cares. `deployment` is the ModelDeployment it works for, by its labels. */
export type FleetPod = {
  namespace: string
  name: string
  uid: string
  node: string | null
  phase: string | null
  /** It runs, ready or being deleted: not one that is just starting. */
  isRunning: boolean
  deployment: string | null
  /** What it is in that. */
  part: PodPart | null
  /** Extended resources it holds; none once it is finished. */
  requests: Record<string, number>
  /** What tells why it does not run; null for a pod of no deployment. */
  detail: PodDetail | null
}

/** Labels by which runtimes mark the pods of a deployment (KubeRay's names its own cluster). */
const deploymentLabels = [
  ...apiGroups.flatMap((group) => [`${group}/deployment`, `${group}/model-deployment`]),
  'kaito.sh/workspace',
  'nvidia.com/dynamo-graph-deployment-name',
]
const rayCluster = /^(.+)-raycluster-[a-z0-9]+$/

/** Null for a pod that is of no deployment and holds nothing that is counted. */
export function readPod(object: KubeObject): FleetPod | null {
  const { labels, name, namespace, uid } = object.metadata ?? {}
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof uid !== 'string') {
    return null
  }
  const known = readRecord(labels)
  const deployment = deploymentOf(known)
  const requests = readRequests(object)
  if (deployment === null && Object.keys(requests).length === 0) return null
  const spec = isRecord(object.spec) ? object.spec : {}
  const status = isRecord(object.status) ? object.status : {}
  return {
    namespace,
    name,
    uid,
    node: typeof spec.nodeName === 'string' && spec.nodeName !== '' ? spec.nodeName : null,
    phase: typeof status.phase === 'string' ? status.phase : null,
    isRunning:
      status.phase === 'Running' &&
      (isReady(status) || object.metadata?.deletionTimestamp !== undefined),
    deployment,
    part: readPodPart(known, deployment),
    requests,
    detail: deployment === null ? null : readPodDetail(object),
  }
}

/** Accelerators that a pod holds, of whatever kind. */
export function countAccelerators({ requests }: Pick<FleetPod, 'requests'>): number {
  return Object.entries(requests).reduce(
    (sum, [resource, count]) => sum + (isAcceleratorLike(resource) ? count : 0),
    0,
  )
}

function isReady({ conditions }: Record<string, unknown>): boolean {
  return (
    Array.isArray(conditions) &&
    conditions.some((each) => isRecord(each) && each.type === 'Ready' && each.status === 'True')
  )
}

function deploymentOf(labels: Record<string, unknown>): string | null {
  for (const label of deploymentLabels) {
    const value = labels[label]
    if (typeof value === 'string' && value !== '') return value
  }
  const ray = labels['ray.io/cluster']
  if (typeof ray !== 'string' || ray === '') return null
  return rayCluster.exec(ray)?.[1] ?? ray
}
