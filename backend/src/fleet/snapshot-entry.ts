import { gpuOfDeployment, searchableText, statusOfDeployment } from '@hub/shared'
import type { FleetChangeBody } from './change-log.ts'
import type { FleetEntry, KeptEntry } from './entry-store.ts'
import type { FleetDeployment } from './read-deployment.ts'
import type { ObjectFacts } from './read-object-facts.ts'

/** More differences than this are told as one `reset`. */
export const differencesMax = 500
/** How long the watch may take to deliver what the hub wrote. */
export const appliedForMs = 60_000

export function createEntry(
  deployment: FleetDeployment,
  object: ObjectFacts,
  appliedAt: number | null,
): KeptEntry {
  return {
    deployment,
    openJson: JSON.stringify(deployment).slice(0, -1),
    status: statusOfDeployment(deployment),
    searchText: searchableText(deployment),
    object,
    appliedAt,
  }
}

export function describeUpsert(before: FleetEntry | undefined, entry: FleetEntry): FleetChangeBody {
  const { deployment, openJson } = entry
  return { type: 'upsert', deployment, openJson, isInPlace: isInPlace(before, entry) }
}

/** Whether all that lists filter, count and sort by is as it was. */
function isInPlace(before: FleetEntry | undefined, { deployment, status }: FleetEntry): boolean {
  if (before?.status !== status) return false
  const { createdAt, createdBy, engine, model, phase, runtime, uid } = before.deployment
  return (
    uid === deployment.uid &&
    phase === deployment.phase &&
    createdAt === deployment.createdAt &&
    createdBy === deployment.createdBy &&
    gpuOfDeployment(before.deployment) === gpuOfDeployment(deployment) &&
    engine === deployment.engine &&
    runtime === deployment.runtime &&
    model.id === deployment.model.id &&
    model.servedName === deployment.model.servedName
  )
}

/** Whether `a` is a later resourceVersion than `b`; of what is no number the one that came last counts as later. */
export function isNewer(a: string, b: string): boolean {
  const isNumber = (version: string) => /^\d{1,40}$/.test(version)
  return isNumber(a) && isNumber(b) ? BigInt(a) > BigInt(b) : a !== b
}
