import type { Instances } from '#clusters'
import type { Clock } from '#context'
import { systemTiming, type Timing } from '#kube'
import type { Logger } from '#log'
import { createChangeLog } from './change-log.ts'
import { createMembers } from './fleet-members.ts'
import type { Fleet, InstanceSeen } from './fleet.ts'
import { createVersions } from './instance-versions.ts'
import { createFleetReading } from './read-fleet.ts'
import { createVisibilities } from './visibility.ts'
import { createVisibleInstances } from './visible-instances.ts'

export type FleetOptions = {
  instances: Instances
  log: Logger
  now: Clock
  timing?: Timing
  /** Where to look on an instance whose credential may not list everywhere. */
  candidateNamespaces?: (instance: string) => readonly string[]
  /** How many changes are kept for readers that come back. */
  historyLength?: number
}

/** What is live on all instances: one watch per kind each, however many people look. Starts with the instances it is given. */
export function createFleet(options: FleetOptions): Fleet {
  const { instances, log, now, timing = systemTiming } = options
  const changes = createChangeLog({
    capacity: options.historyLength ?? 2_000,
    onListenerError: (error) => log.error({ error }, 'a listener to the fleet failed'),
  })
  const visibilityOf = createVisibilities()
  const seenListeners = new Set<(seen: InstanceSeen) => void>()
  const objectListeners = new Set<Parameters<Fleet['onObject']>[0]>()
  const versions = createVersions()
  const members = createMembers({
    instances,
    candidateNamespaces: options.candidateNamespaces ?? (() => []),
    append: (change) => {
      versions.follow(change)
      changes.append(change)
    },
    tell: changes.append,
    onSeen: ({ id, status: { lastSeenAt } }) => {
      const seen = { id, lastSeenAt, heardAt: heardAtOf(id) }
      for (const listener of seenListeners) listener(seen)
    },
    onState: versions.touch,
    onObject: (id, object) => {
      for (const listener of objectListeners) listener(id, object)
    },
    now,
    timing,
    log,
  })

  const { heardAt: heardAtOf, ...reading } = createFleetReading({
    members,
    visibilityOf,
    now,
    timing,
  })

  return {
    ...reading,
    instanceIds: members.ids,
    visibilityOf,
    placesVersionOf: versions.places.of,
    visibleInstances: createVisibleInstances({ instanceIds: members.ids, versions }),
    apply: (instance, object) => {
      const watch = members.watch(instance)
      const group = watch?.instance().apiGroup
      return watch && group ? watch.snapshot.apply(group, object) : null
    },
    applyRemoval: (instance, target) => members.watch(instance)?.snapshot.remove(target),
    subscribe: changes.subscribe,
    onObject: (listener) => {
      objectListeners.add(listener)
      return () => objectListeners.delete(listener)
    },
    tellInstance: (id) => {
      if (members.watch(id)) changes.append({ type: 'instance', id })
    },
    onSeen: (listener) => {
      seenListeners.add(listener)
      return () => seenListeners.delete(listener)
    },
    lookAround: () => {
      for (const watch of members.all()) watch.lookAround()
    },
    position: changes.position,
    since: changes.since,
    stop: members.stop,
  }
}
