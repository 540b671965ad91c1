import type { DeploymentStatusFilter } from '@hub/shared'
import { findIndex, type Fleet, type NamespaceEntries, type Visibility } from '#fleet'

export type Counts = Record<DeploymentStatusFilter, number>

export type CountVisible = (
  visibility: Visibility,
  instance: string,
  namespace: string | undefined,
) => Readonly<Counts>

/** Counts what somebody may see of an instance; anew only where what is there changed. */
export function createVisibleCounts(
  fleet: Pick<Fleet, 'namespaces' | 'placesVersionOf'>,
): CountVisible {
  type ByInstance = Map<string, { version: number; counts: Counts }>
  const known = new WeakMap<Visibility, ByInstance>()
  return (visibility, instance, namespace) => {
    if (namespace !== undefined) return countIn(fleet)(visibility, instance, namespace)
    let byInstance = known.get(visibility)
    if (!byInstance) {
      byInstance = new Map() as ByInstance
      known.set(visibility, byInstance)
    }
    const version = fleet.placesVersionOf([instance])
    const found = byInstance.get(instance)
    if (found?.version === version) return found.counts
    const counts = countIn(fleet)(visibility, instance, undefined)
    byInstance.set(instance, { version, counts })
    return counts
  }
}

/** Counts anew each time. */
export function countIn(listed: Pick<Fleet, 'namespaces'>): CountVisible {
  return (visibility, instance, asked) => {
    const counts = noCounts()
    for (const { namespace, counts: there } of namespacesOf(listed, instance, asked)) {
      if (visibility.sight(instance, namespace)) addCounts(counts, there)
    }
    return counts
  }
}

/** Of an instance, all of them or the one that is asked for. */
export function namespacesOf(
  fleet: Pick<Fleet, 'namespaces'>,
  instance: string,
  asked: string | undefined,
): readonly NamespaceEntries[] {
  const all = fleet.namespaces(instance)
  if (asked === undefined) return all
  const place = findIndex(all.length, (at) => all[at]!.namespace < asked)
  return all[place]?.namespace === asked ? [all[place]] : []
}

export function noCounts(): Counts {
  return { running: 0, starting: 0, attention: 0, deleting: 0 }
}

export function addCounts(to: Counts, from: Readonly<Counts>): void {
  to.running += from.running
  to.starting += from.starting
  to.attention += from.attention
  to.deleting += from.deleting
}

/** How many there are: of one status, or of all. */
export function countOf(counts: Readonly<Counts>, status?: DeploymentStatusFilter): number {
  if (status !== undefined) return counts[status]
  return counts.attention + counts.deleting + counts.running + counts.starting
}
