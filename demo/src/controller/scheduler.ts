import type { KubeObject, Untyped } from '../objects.ts'
import { parseQuantity } from '../quantity.ts'

export type Placement = { node: string } | { reason: string }

/** Where a pod fits, or the scheduler's sentence why it fits nowhere. */
export function placePod(
  pod: KubeObject,
  nodes: readonly KubeObject[],
  placed: readonly KubeObject[],
): Placement {
  const requests = sumRequests(pod)
  const refusals = new Map<string, number>()
  const fitting: { node: string; free: number }[] = []
  for (const node of nodes) {
    const reasons = findObstacles(pod, node, requests, placed)
    for (const reason of reasons) refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
    if (reasons.length > 0) continue
    const used = usedOn(node, placed)
    const gpus = 'nvidia.com/gpu'
    const free = (parseQuantity(node.status?.allocatable?.[gpus] ?? 0) ?? 0) - (used.get(gpus) ?? 0)
    fitting.push({ node: node.metadata.name, free })
  }
  // Pods without GPUs spread; pods with GPUs fill the node with the least room, to keep room for big ones.
  const packs = (requests.get('nvidia.com/gpu') ?? 0) > 0 ? 1 : -1
  const [best] = fitting.toSorted((a, b) => packs * (a.free - b.free) || (a.node < b.node ? -1 : 1))
  if (best) return { node: best.node }
  const counts = [...refusals].map(([reason, count]) => `${count} ${reason}`).toSorted()
  const detail = counts.length > 0 ? `: ${counts.join(', ')}` : ''
  return { reason: `0/${nodes.length} nodes are available${detail}.` }
}

export function isFinished(pod: KubeObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

function findObstacles(
  pod: KubeObject,
  node: KubeObject,
  requests: ReadonlyMap<string, number>,
  placed: readonly KubeObject[],
): string[] {
  if (node.spec?.unschedulable) return ['node(s) were unschedulable']
  const taint = (node.spec?.taints ?? []).find(
    (each: Untyped) =>
      each.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations ?? [], each),
  )
  if (taint) return [`node(s) had untolerated taint(s)`]
  const selector = Object.entries(pod.spec.nodeSelector ?? {})
  if (selector.some(([key, value]) => node.metadata.labels?.[key] !== value)) {
    return ["node(s) didn't match Pod's node affinity/selector"]
  }
  const used = usedOn(node, placed)
  return [...requests].flatMap(([resource, amount]) => {
    const allocatable = parseQuantity(node.status?.allocatable?.[resource] ?? 0) ?? 0
    return amount > allocatable - (used.get(resource) ?? 0) ? [`Insufficient ${resource}`] : []
  })
}

function tolerates(tolerations: readonly Untyped[], taint: Untyped): boolean {
  return tolerations.some(
    (each) =>
      (!each.effect || each.effect === taint.effect) &&
      (!each.key ? each.operator === 'Exists' : each.key === taint.key) &&
      (each.operator === 'Exists' || (each.value ?? '') === (taint.value ?? '')),
  )
}

function usedOn(node: KubeObject, placed: readonly KubeObject[]): Map<string, number> {
  const used = new Map<string, number>()
  for (const pod of placed) {
    if (pod.spec.nodeName !== node.metadata.name || isFinished(pod)) continue
    for (const [resource, amount] of sumRequests(pod)) {
      used.set(resource, (used.get(resource) ?? 0) + amount)
    }
  }
  return used
}

function sumRequests(pod: KubeObject): Map<string, number> {
  const sum = new Map<string, number>()
  for (const { resources } of pod.spec.containers) {
    for (const [resource, amount] of Object.entries<string>(resources?.requests ?? {})) {
      sum.set(resource, (sum.get(resource) ?? 0) + (parseQuantity(amount) ?? 0))
    }
  }
  return sum
}
