import type { Instance, InstanceList, StreamEvent } from '@hub/shared'

type Seen = Extract<StreamEvent, { type: 'instances-seen' }>['instances'][number]

export function moveInstances(list: InstanceList, events: readonly StreamEvent[]): InstanceList {
  const byId = new Map(list.items.map((instance) => [instance.id, instance]))
  let moved = false
  for (const event of events) {
    if (event.type === 'instance') {
      byId.set(event.instance.id, event.instance)
      moved = true
    } else if (event.type === 'instances-seen') {
      for (const seen of event.instances) {
        const known = byId.get(seen.id)
        if (!known) continue
        byId.set(seen.id, withSeen(known, seen))
        moved = true
      }
    } else if (event.type === 'instance-removed') {
      moved = byId.delete(event.id) || moved
    }
  }
  if (!moved) return list
  return { items: [...byId.values()].toSorted((a, b) => a.id.localeCompare(b.id)) }
}

/** A removed instance keeps its last state; reading it again answers that it is not found. */
export function moveInstance(instance: Instance, events: readonly StreamEvent[]): Instance {
  return events.reduce((current, event) => {
    if (event.type === 'instance' && event.instance.id === instance.id) return event.instance
    if (event.type !== 'instances-seen') return current
    const seen = event.instances.find(({ id }) => id === instance.id)
    return seen ? withSeen(current, seen) : current
  }, instance)
}

function withSeen(instance: Instance, { heardAt, lastSeenAt }: Seen): Instance {
  return { ...instance, heardAt, status: { ...instance.status, lastSeenAt } }
}
