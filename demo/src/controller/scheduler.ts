import type { KubeObject, Untyped } from '../objects.ts'
import { narrowToNames, selectsNode, tolerates } from './node-selection.ts'
import { addAmounts, readAmounts, sumRequests } from './pod-requests.ts'
import type { Amounts } from './pod-requests.ts'

export type Placement = { node: string } | { reason: string }

/** What the nodes offer and what is taken of it. */
export type Occupancy = readonly NodeOccupancy[]
type NodeOccupancy = { node: KubeObject; allocatable: Amounts; used: Amounts; pods: number }

const unschedulableTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
const gpus = 'nvidia.com/gpu'

export function readOccupancy(
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): Occupancy {
  const occupancy = nodes.map((node) => ({
    node,
    allocatable: readAmounts(node['status']?.allocatable),
    used: new Map(),
    pods: 0,
  }))
  for (const pod of pods) {
    if (pod['spec'].nodeName && !isFinished(pod)) occupy(occupancy, pod, pod['spec'].nodeName)
  }
  return occupancy
}

/** Counts the pod in on the node. */
export function occupy(occupancy: Occupancy, pod: KubeObject, name: string): void {
  const target = occupancy.find(({ node }) => node.metadata.name === name)
  if (!target) return
  target.pods += 1
  addAmounts(target.used, sumRequests(pod))
}

/** Where a pod fits, or kube-scheduler's sentence why it fits nowhere. */
export function placePod(pod: KubeObject, occupancy: Occupancy): Placement {
  const requests = sumRequests(pod)
  const names = narrowToNames(pod)
  const available = `0/${occupancy.length} nodes are available`
  if (names?.size === 0) return { reason: `${available}: pod affinity terms conflict.` }
  const refusals = new Map<string, number>()
  const fitting: { node: string; free: number }[] = []
  for (const candidate of occupancy) {
    const isNamed = names?.has(candidate.node.metadata.name) ?? true
    const obstacle = isNamed
      ? findObstacle(pod, candidate.node)
      : "node(s) didn't satisfy plugin(s) [NodeAffinity]"
    const reasons = obstacle === undefined ? findShortages(requests, candidate) : [obstacle]
    for (const reason of reasons) refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
    if (reasons.length > 0) continue
    const free = (candidate.allocatable.get(gpus) ?? 0) - (candidate.used.get(gpus) ?? 0)
    fitting.push({ node: candidate.node.metadata.name, free })
  }
  // Pods without GPUs spread; pods with GPUs fill the node with the least room, to keep room for big ones.
  const packs = (requests.get(gpus) ?? 0) > 0 ? 1 : -1
  const [best] = fitting.toSorted((a, b) => packs * (a.free - b.free) || (a.node < b.node ? -1 : 1))
  if (best) return { node: best.node }
  const counts = [...refusals].map(([reason, count]) => `${count} ${reason}`).toSorted()
  return { reason: `${available}: ${counts.join(', ')}.` }
}

export function isFinished(pod: KubeObject): boolean {
  return pod['status']?.phase === 'Succeeded' || pod['status']?.phase === 'Failed'
}

/** What keeps the pod off the node whatever room it has: kube-scheduler's filters in their order, the first that refuses. */
function findObstacle(pod: KubeObject, node: KubeObject): string | undefined {
  if (node['spec']?.unschedulable && !tolerates(pod, unschedulableTaint)) {
    return 'node(s) were unschedulable'
  }
  const taints: Untyped[] = node['spec']?.taints ?? []
  if (taints.some((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod, taint))) {
    return 'node(s) had untolerated taint(s)'
  }
  return selectsNode(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"
}

/** The filter for resources alone names everything that is short. */
function findShortages(requests: Amounts, { allocatable, used, pods }: NodeOccupancy): string[] {
  const shortages = [...requests]
    .filter(([resource, amount]) => {
      return amount > 0 && amount > (allocatable.get(resource) ?? 0) - (used.get(resource) ?? 0)
    })
    .map(([resource]) => `Insufficient ${resource}`)
  return pods + 1 > (allocatable.get('pods') ?? 0) ? ['Too many pods', ...shortages] : shortages
}
