import type { ClusterInstance, Instances, InstancesChange } from '#clusters'
import type { Clock } from '#context'
import { connectionKinds, type KubeObject, type Timing } from '#kube'
import type { Logger } from '#log'
import type { FleetChangeBody } from './change-log.ts'
import { watchInstance, type InstanceWatch } from './watch-instance.ts'

type Member = { watch: InstanceWatch; told: string }

/** The watches of all instances, which follow the registry. */
export type Members = {
  watch(id: string): InstanceWatch | undefined
  /** Sorted. */
  ids(): readonly string[]
  all(): Iterable<InstanceWatch>
  stop(): Promise<void>
}

export type MembersOptions = {
  instances: Instances
  candidateNamespaces: (instance: string) => readonly string[]
  /** Tells who listens; a list may have another answer then. */
  append: (change: FleetChangeBody) => void
  /** It was heard of again, and is otherwise as it was told. */
  onSeen: (instance: ClusterInstance) => void
  /** Tells who listens of what changes no list. */
  tell: (change: FleetChangeBody) => void
  /** A list of this instance may have another answer, of which nobody is told. */
  onState: (id: string) => void
  /** Every deployment as its cluster tells it. */
  onObject: (id: string, object: KubeObject) => void
  now: Clock
  timing: Timing
  log: Logger
}

/** Starts with the instances that are there. */
export function createMembers(options: MembersOptions): Members {
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
        if (!members.has(id)) return
        options.tell({ type: 'instance', id, ...(namespaces && { namespaces }) })
      },
      onState: () => {
        options.onState(id)
        const synced = watch.stateOf('deployments')?.synced === true
        if (synced === wasSynced) return
        wasSynced = synced
        append({ type: 'instance', id })
      },
      onObject: (object) => options.onObject(id, object),
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
    return { watch, told: '' }
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
    const instance = member.watch.instance()
    const { id, apiGroup, kubernetesVersion, status } = instance
    const { lastSeenAt: _, ...lasting } = status
    const told = JSON.stringify([lasting, kubernetesVersion, apiGroup])
    if (told === member.told) return options.onSeen(instance)
    member.told = told
    append({ type: 'instance', id })
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
