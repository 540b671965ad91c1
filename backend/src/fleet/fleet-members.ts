import type { ClusterInstance, Instances, InstancesChange } from '#clusters'
import type { Clock } from '#context'
import { connectionKinds, type Timing } from '#kube'
import type { Logger } from '#log'
import type { FleetChangeBody } from './change-log.ts'
import { watchInstance, type InstanceWatch } from './watch-instance.ts'

type Member = { watch: InstanceWatch; toldAt: number; told: string }

/** The watches of all instances, which follow the registry. */
export type Members = {
  watch(id: string): InstanceWatch | undefined
  /** Sorted. */
  ids(): readonly string[]
  all(): Iterable<InstanceWatch>
  stop(): Promise<void>
}

const lastSeenEveryMs = 10_000

/** Starts with the instances that are there. */
export function createMembers(options: {
  instances: Instances
  candidateNamespaces: (instance: string) => readonly string[]
  /** Tells who listens; a list may have another answer then. */
  append: (change: FleetChangeBody) => void
  /** Tells who listens of what changes no list. */
  tell: (change: FleetChangeBody) => void
  /** A list may have another answer, of which nobody is told. */
  onState: () => void
  now: Clock
  timing: Timing
  log: Logger
}): Members {
  const { append, instances, log, now, timing } = options
  const members = new Map<string, Member>()
  const loops = new Set<Promise<void>>()
  let ids: string[] | null = null

  const createMember = (instance: ClusterInstance): Member => {
    const { id } = instance
    let wasSynced = false
    const watch = watchInstance({
      instance,
      candidates: () => options.candidateNamespaces(id),
      emit: append,
      onSummary: (namespaces) => {
        if (members.has(id)) append({ type: 'instance', id, ...(namespaces && { namespaces }) })
      },
      onState: () => {
        options.onState()
        const synced = watch.stateOf('deployments')?.synced === true
        if (synced === wasSynced) return
        wasSynced = synced
        append({ type: 'instance', id })
      },
      onBroken: ({ kind }) => instances.probe(id, { isLost: connectionKinds.has(kind) }),
      onHeard: () => instances.probe(id),
      onTrouble: (trouble) => instances.report(id, trouble),
      now,
      timing,
      log,
      track: (loop) => {
        loops.add(loop)
        void loop.finally(() => loops.delete(loop))
      },
    })
    return { watch, toldAt: Number.NEGATIVE_INFINITY, told: '' }
  }

  const upsert = (instance: ClusterInstance) => {
    const { id } = instance
    let member = members.get(id)
    if (!member) {
      member = createMember(instance)
      members.set(id, member)
      ids = null
    }
    member.watch.follow(instance)
    tellStatus(member)
  }

  const tellStatus = (member: Member) => {
    const { id, apiGroup, kubernetesVersion, status } = member.watch.instance()
    const { lastSeenAt: _, ...lasting } = status
    const told = JSON.stringify([lasting, kubernetesVersion, apiGroup])
    const at = timing.now()
    const isOther = told !== member.told
    if (!isOther && at - member.toldAt < lastSeenEveryMs) return
    member.told = told
    member.toldAt = at
    // That an instance was seen again changes no list.
    if (isOther) append({ type: 'instance', id })
    else options.tell({ type: 'instance', id })
  }

  const onChange = (change: InstancesChange) => {
    if (change.type === 'upsert') return upsert(change.instance)
    const { id } = change
    const member = members.get(id)
    if (!member) return
    member.watch.stop()
    member.watch.snapshot.clear()
    members.delete(id)
    ids = null
    append({ type: 'instance-removed', id })
  }

  const unsubscribe = instances.onChange(onChange)
  for (const instance of instances.list()) upsert(instance)

  return {
    watch: (id) => members.get(id)?.watch,
    ids: () => (ids ??= [...members.keys()].toSorted()),
    all: function* () {
      for (const { watch } of members.values()) yield watch
    },
    stop: async () => {
      unsubscribe()
      for (const { watch } of members.values()) watch.stop()
      await Promise.allSettled(loops)
    },
  }
}
