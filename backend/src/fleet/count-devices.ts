import type { NodeFacts } from './read-node.ts'

/** What some devices of one place are: in use, free, there but for nobody who deploys, or not to be had. */
export type Count = { used: number; free: number; reserved: number; unavailable: number }

/**
 * Whether a node's taints keep a deployment that asks for a resource away. What asks for an extended resource is given a
 * toleration of that very name (ExtendedResourceToleration), and runtimes give their pods it as well; no other.
 */
function isReserved({ taints }: NodeFacts, resource: string | null): boolean {
  return taints.some(({ effect, key }) => key !== resource || effect !== 'NoSchedule')
}

/** Of all of one resource on one node; `held` is null where it is not known. */
export function countOn(
  node: NodeFacts,
  { allocatable, capacity, resource }: NodeFacts['resources'][number],
  held: number | null,
): Count {
  const all = Math.max(capacity, allocatable)
  if (!node.isReady) return { used: 0, free: 0, reserved: 0, unavailable: all }
  const used = Math.min(held ?? 0, all)
  const left = Math.max(0, allocatable - used)
  // What a plugin took back from under a pod is in use all the same.
  const broken = all - used - left
  if (node.isCordoned || node.isHeldBack) {
    return { used, free: 0, reserved: 0, unavailable: left + broken }
  }
  if (isReserved(node, resource)) return { used, free: 0, reserved: left, unavailable: broken }
  return { used, free: left, reserved: 0, unavailable: broken }
}

/** Of one device; `isHeld` is null where it is not known. */
export function countDevice(
  node: NodeFacts | null,
  isTainted: boolean,
  isHeld: boolean | null,
): Count {
  const none = { used: 0, free: 0, reserved: 0, unavailable: 0 }
  if (node && !node.isReady) return { ...none, unavailable: 1 }
  if (isHeld === true) return { ...none, used: 1 }
  if (isTainted || node?.isCordoned || node?.isHeldBack) return { ...none, unavailable: 1 }
  return node && isReserved(node, null) ? { ...none, reserved: 1 } : { ...none, free: 1 }
}
