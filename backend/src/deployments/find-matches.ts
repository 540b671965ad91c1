import { matchDeployments, type DeploymentFilter } from '@hub/shared'
import { createBoundedCache } from '#cache'
import type { Fleet, FleetEntry, NamespaceEntries, OrderField } from '#fleet'
import { noCounts } from './visible-counts.ts'

/** What lists are made of: all that is deployed, or of it what a search finds. */
export type Listed = Pick<Fleet, 'namespaces' | 'ordered'>

/** Of all that is deployed what a filter counts; places and statuses in the filter do not matter. */
export type FindMatches = (filter: DeploymentFilter) => Listed

/** Of one instance, as it was at a version. */
type Matches = {
  version: number
  namespaces: readonly NamespaceEntries[] | null
  orders: Map<OrderField, readonly FleetEntry[]>
  kept: number
}
type Search = { byInstance: Map<string, Matches>; kept: number }

const remembered = { entriesMax: 64, bytesMax: 32 * 1024 * 1024 }
const keptBytes = 8
const matchesBytes = 512

/** Whoever searches asks again when something changed: of instances where no deployment came, went or moved, the matches are known. */
export function createMatches(
  fleet: Listed & Pick<Fleet, 'instanceIds' | 'placesVersionOf'>,
): FindMatches {
  const searches = createBoundedCache<Search>(remembered)
  return ({ engine, gpu, model, owner, q }) => {
    const key = JSON.stringify([engine, gpu, model, owner, q])
    const search = searches.get(key) ?? { byInstance: new Map<string, Matches>(), kept: 0 }
    // There are fewer instances than were looked at: nothing is kept of one that is gone.
    if (search.byInstance.size > fleet.instanceIds().length) forget(search)
    const { byInstance, kept } = search
    searches.set(key, search, kept * keptBytes + byInstance.size * matchesBytes)

    const { isCounted } = matchDeployments({ engine, gpu, model, owner, q })
    const matchesOf = (instance: string) =>
      currentOf(search, instance, fleet.placesVersionOf([instance]))
    const findAmong = (entries: readonly FleetEntry[], matches: Matches) => {
      const found = entries.filter((each) => isCounted(each.deployment, each.searchText))
      matches.kept += found.length
      search.kept += found.length
      return found
    }
    return {
      namespaces: (instance) => {
        const matches = matchesOf(instance)
        matches.namespaces ??= fleet.namespaces(instance).flatMap((all) => {
          const entries = findAmong(all.entries, matches)
          return entries.length === 0 ? [] : [{ ...all, entries, counts: countAll(entries) }]
        })
        return matches.namespaces
      },
      ordered: (instance, field) => {
        const matches = matchesOf(instance)
        let order = matches.orders.get(field)
        if (!order) {
          order = findAmong(fleet.ordered(instance, field), matches)
          matches.orders.set(field, order)
        }
        return order
      },
    }
  }
}

function currentOf(search: Search, instance: string, version: number): Matches {
  const known = search.byInstance.get(instance)
  if (known?.version === version) return known
  search.kept -= known?.kept ?? 0
  const matches: Matches = { version, namespaces: null, orders: new Map(), kept: 0 }
  search.byInstance.set(instance, matches)
  return matches
}

function forget(search: Search): void {
  search.byInstance.clear()
  search.kept = 0
}

function countAll(entries: readonly FleetEntry[]): NamespaceEntries['counts'] {
  const counts = noCounts()
  for (const { status } of entries) counts[status] += 1
  return counts
}
