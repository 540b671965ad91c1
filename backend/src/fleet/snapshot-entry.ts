import { searchableText, statusOfDeployment } from '@hub/shared'
import type { FleetChangeBody } from './change-log.ts'
import type { EntryStore, KeptEntry } from './entry-store.ts'
import type { FleetDeployment } from './read-deployment.ts'
import type { ObjectFacts } from './read-object-facts.ts'

/** More differences than this are told as one `reset`. */
export const differencesMax = 500
/** How long the watch may take to deliver what the hub wrote. */
export const appliedForMs = 60_000

export function createEntry(
  deployment: FleetDeployment,
  object: ObjectFacts,
  { appliedAt, recounts }: Pick<KeptEntry, 'appliedAt' | 'recounts'>,
): KeptEntry {
  return {
    deployment,
    openJson: JSON.stringify(deployment).slice(0, -1),
    status: statusOfDeployment(deployment),
    searchText: searchableText(deployment),
    object,
    appliedAt,
    recounts,
  }
}

/** Keeps it, and says so. */
export function keepEntry(store: Pick<EntryStore, 'set'>, entry: KeptEntry): FleetChangeBody {
  const { deployment, openJson } = entry
  return { type: 'upsert', deployment, openJson, isInPlace: store.set(entry) }
}

/** Whether `a` is a later resourceVersion than `b`; of what is no number the one that came last counts as later. */
export function isNewer(a: string, b: string): boolean {
  const isNumber = (version: string) => /^\d{1,40}$/.test(version)
  return isNumber(a) && isNumber(b) ? BigInt(a) > BigInt(b) : a !== b
}
