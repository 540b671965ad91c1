import type { Clock } from '#context'
import type { Timing } from '#kube'
import { describeSync, isComplete, type SyncState } from './describe-sync.ts'
import { describeMissing, describeOld } from './describe-trouble.ts'
import type { Members } from './fleet-members.ts'
import type { Fleet } from './fleet.ts'
import { noGpus, type InstanceSummary } from './summary.ts'
import type { CallerContext, Visibility } from './visibility.ts'

export type FleetReading = Pick<
  Fleet,
  | 'list'
  | 'get'
  | 'describeInstance'
  | 'knownNamespaces'
  | 'pods'
  | 'explain'
  | 'explainPods'
  | 'namespaces'
  | 'ordered'
  | 'instanceState'
  | 'deploymentsAsOf'
  | 'gpuMap'
  | 'capacityOf'
> & {
  /** When the instance was last heard of. */
  heardAt(id: string): string | null
}

/** What is told of instances out of what is watched there. */
export function createFleetReading(options: {
  members: Pick<Members, 'watch' | 'ids'>
  visibilityOf: (ctx: CallerContext) => Visibility
  now: Clock
  timing: Timing
}): FleetReading {
  const { members, now, timing, visibilityOf } = options

  /** An age is measured; when that was is only told. */
  const toTime = (heardAt: number | null) =>
    heardAt === null ? null : new Date(now().getTime() - (timing.now() - heardAt)).toISOString()
  const heardAtOf = (id: string) => toTime(members.watch(id)?.heardAt() ?? null)
  const deploymentsAsOf = (id: string) =>
    toTime(members.watch(id)?.stateOf('deployments')?.heardAt ?? null)
  const instanceState = (id: string, namespace?: string): SyncState => {
    const watch = members.watch(id)
    const sync = describeSync(id, watch, namespace)
    if (sync.synced) return sync
    const asOf = isComplete(watch?.stateOf('deployments')) ? deploymentsAsOf(id) : null
    return asOf === null ? sync : { ...sync, asOf }
  }
  const snapshotOf = (id: string) => members.watch(id)?.snapshot

  return {
    list: ({ instance } = {}) => {
      const asked = instance === undefined ? members.ids() : [instance]
      return asked.flatMap((id) => snapshotOf(id)?.list() ?? [])
    },
    get: (instance, namespace, name) => snapshotOf(instance)?.get(namespace, name) ?? null,
    describeInstance: (ctx, instance, visibility = visibilityOf(ctx)) => {
      let deploymentCount = 0
      for (const { entries, namespace } of snapshotOf(instance)?.namespaces() ?? []) {
        if (visibility.sight(instance, namespace)) deploymentCount += entries.length
      }
      const watch = members.watch(instance)
      const { capacity, runtimes } = watch?.summary() ?? unknownSummary
      const heardAt = heardAtOf(instance)
      const isCurrent = instanceState(instance).synced
      return { deploymentCount, capacity, runtimes, heardAt, isCurrent }
    },
    knownNamespaces: (instance) => {
      const watch = members.watch(instance)
      const state = watch?.stateOf('namespaces')
      if (watch && state?.known) return { items: watch.namespaces(), error: null }
      return { items: null, error: state?.error ?? null }
    },
    pods: ({ deployment, instance, namespace }) =>
      (members.watch(instance)?.pods() ?? []).filter(
        (pod) => pod.namespace === namespace && pod.deployment === deployment,
      ),
    explain: (instance, namespace, name) =>
      members.watch(instance)?.explain(namespace, name) ?? null,
    explainPods: (instance, namespace, name) => {
      const watch = members.watch(instance)
      const state = watch?.stateOf('pods') ?? null
      const items = watch?.explainPods(namespace, name) ?? null
      if (items === null) return { items, reason: describeMissing(instance, 'pods', state) }
      return { items, reason: state ? (describeOld(instance, 'pods', state)[0] ?? null) : null }
    },
    namespaces: (instance) => snapshotOf(instance)?.namespaces() ?? [],
    ordered: (instance, field) => snapshotOf(instance)?.ordered(field) ?? [],
    instanceState,
    deploymentsAsOf,
    gpuMap: (instance) => {
      const { capacity, gpuMap } = members.watch(instance)?.summary() ?? unknownSummary
      return { map: gpuMap(), reason: capacity.reason }
    },
    capacityOf: (instance) => (members.watch(instance)?.summary() ?? unknownSummary).capacity,
    heardAt: heardAtOf,
  }
}

const unknownSummary: InstanceSummary = {
  capacity: { nodes: null, gpus: null, resources: null, reason: 'The instance is not known.' },
  runtimes: null,
  gpuMap: () => noGpus,
}
