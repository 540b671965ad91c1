import type { KubeObject } from '#kube'
import { isExtended } from './extended-resources.ts'
import { readCount } from './quantity.ts'
import { readRecord, readRecords } from './read-fields.ts'

/**
 * What a pod holds of extended resources, as the scheduler counts it: its containers and sidecars together, or the most
 * that its init containers need at once with the sidecars started before them, whichever is more; at least what the pod
 * as a whole asks for; and its overhead. A pod that is being deleted holds it until it is finished or gone.
 */
export function readRequests(pod: KubeObject): Record<string, number> {
  const spec = readRecord(pod.spec)
  const status = readRecord(pod.status)
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return {}
  const initStatuses = byName(status.initContainerStatuses)
  const sidecars: Record<string, number> = {}
  const peak: Record<string, number> = {}
  for (const container of readRecords(spec.initContainers)) {
    const own = requestsOf(container, initStatuses)
    if (container.restartPolicy === 'Always') add(sidecars, own)
    const together = container.restartPolicy === 'Always' ? sidecars : sum(sidecars, own)
    raise(peak, together)
  }
  const running = { ...sidecars }
  const statuses = byName(status.containerStatuses)
  for (const container of readRecords(spec.containers))
    add(running, requestsOf(container, statuses))
  const held: Record<string, number> = {}
  raise(held, peak)
  raise(held, running)
  raise(held, asked(spec.resources))
  add(held, extended(spec.overhead))
  return held
}

/** While a pod is resized it holds the most of what is asked for, was allotted, and is in force. */
function requestsOf(
  container: Record<string, unknown>,
  statuses: ReadonlyMap<unknown, Record<string, unknown>>,
): Record<string, number> {
  const held = asked(container.resources)
  const status = statuses.get(container.name)
  if (status) {
    raise(held, extended(status.allocatedResources))
    raise(held, asked(status.resources))
  }
  return held
}

/** An extended resource's request is its limit where only that is given. */
function asked(resources: unknown): Record<string, number> {
  const { limits, requests } = readRecord(resources)
  return { ...extended(limits), ...extended(requests) }
}

function extended(resources: unknown): Record<string, number> {
  return Object.fromEntries(
    Object.entries(readRecord(resources))
      .filter(([resource]) => isExtended(resource))
      .map(([resource, value]) => [resource, readCount(value)] as const)
      .filter(([, count]) => count > 0),
  )
}

function byName(statuses: unknown): ReadonlyMap<unknown, Record<string, unknown>> {
  return new Map(readRecords(statuses).map((status) => [status.name, status]))
}

function add(to: Record<string, number>, more: Record<string, number>): void {
  for (const [resource, count] of Object.entries(more)) to[resource] = (to[resource] ?? 0) + count
}

function raise(to: Record<string, number>, least: Record<string, number>): void {
  for (const [resource, count] of Object.entries(least)) {
    to[resource] = Math.max(to[resource] ?? 0, count)
  }
}

function sum(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const result = { ...a }
  add(result, b)
  return result
}
