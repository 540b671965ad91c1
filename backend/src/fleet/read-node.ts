import { clip, type KubeObject } from '#kube'
import { isExtended, nameProduct, readMemory } from './extended-resources.ts'
import { readCount } from './quantity.ts'
import { readRecord, readRecords, readText } from './read-fields.ts'

/** What capacity needs of a Node. */
export type NodeFacts = {
  name: string
  isReady: boolean
  /** Nothing new is placed on it: it is cordoned. */
  isCordoned: boolean
  /** Nothing new is placed on it until the cluster itself lifts its taint. */
  isHeldBack: boolean
  /** Those that keep pods away, as far as people set them. */
  taints: { key: string; effect: string }[]
  resources: {
    resource: string
    product: string
    memoryMiB: number | null
    capacity: number
    allocatable: number
  }[]
}

/** A Node as far as capacity goes; null where it has no name. */
export function readNode(object: KubeObject): NodeFacts | null {
  const metadata = readRecord(object.metadata)
  const name = readText(metadata.name)
  if (name === null) return null
  const labels = readRecord(metadata.labels)
  const spec = readRecord(object.spec)
  const status = readRecord(object.status)
  const capacity = readRecord(status.capacity)
  const allocatable = readRecord(status.allocatable)
  const taints = readRecords(spec.taints)
    .map(({ effect, key }) => ({ key: readText(key) ?? '', effect: readText(effect) ?? '' }))
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
  return {
    name,
    isReady: readRecords(status.conditions).some(
      ({ status: is, type }) => type === 'Ready' && is === 'True',
    ),
    isCordoned: spec.unschedulable === true || taints.some(({ key }) => key === cordonTaint),
    isHeldBack: taints.some(({ key }) => isClustersOwn(key) && !readinessTaints.has(key)),
    taints: taints.filter(({ key }) => !isClustersOwn(key)),
    resources: [...new Set([...Object.keys(capacity), ...Object.keys(allocatable)])]
      .filter(isExtended)
      .slice(0, resourcesMax)
      .map((resource) => ({
        resource: clip(resource, 317),
        product: nameProduct(resource, labels),
        memoryMiB: readMemory(resource, labels),
        capacity: readCount(capacity[resource]),
        allocatable: readCount(allocatable[resource]),
      }))
      .filter((each) => each.capacity > 0 || each.allocatable > 0)
      .toSorted((a, b) => (a.resource < b.resource ? -1 : 1)),
  }
}

/** Far more than a node has; each is a pool of its own. */
const resourcesMax = 64
const cordonTaint = 'node.kubernetes.io/unschedulable'
/** They say what the node's Ready condition says, some moments later. */
const readinessTaints: ReadonlySet<string> = new Set([
  cordonTaint,
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
])

/** Set by Kubernetes for as long as something is wrong with the node. */
function isClustersOwn(key: string): boolean {
  return /^node\.(cloudprovider\.)?kubernetes\.io\//.test(key)
}
