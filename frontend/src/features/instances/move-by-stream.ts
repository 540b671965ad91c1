import type { Instance, InstanceList, StreamEvent } from '@hub/shared'

export function moveInstances(list: InstanceList, events: readonly StreamEvent[]): InstanceList {
  const byId = new Map(list.items.map((instance) => [instance.id, instance]))
  let moved = false
  for (const event of events) {
    if (event.type === 'instance') {
      byId.set(event.instance.id, event.instance)
      moved = true
    } else if (event.type === 'instance-removed') {
      moved = byId.delete(event.id) || moved
    }
  }
  if (!moved) return list
  return { items: [...byId.values()].toSorted((a, b) => a.id.localeCompare(b.id)) }
}

/** A removed instance keeps its last state; reading it again answers that it is not found. */
export function moveInstance(instance: Instance, events: readonly StreamEvent[]): Instance {
  return events.reduce(
    (current, event) =>
      event.type === 'instance' && event.instance.id === instance.id ? event.instance : current,
    instance,
  )
}
