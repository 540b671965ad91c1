import type { FleetChangeBody } from './change-log.ts'
import type { EntryStore, KeptEntry } from './entry-store.ts'
import type { FleetDeployment } from './present-deployment.ts'
import { createEntry, differencesMax } from './snapshot-entry.ts'

/** Takes over what the pods of some deployments, or of all, come to now. */
export function createRecount(options: {
  instance: string
  store: EntryStore
  emit: (change: FleetChangeBody) => void
  count: (deployment: FleetDeployment) => FleetDeployment
}) {
  const { count, emit, instance, store } = options
  return (of: readonly { namespace: string; name: string }[] | null): void => {
    const entries = of
      ? of.flatMap(({ name, namespace }) => store.find(namespace, name) ?? [])
      : store.all(null)
    const changed: KeptEntry[] = []
    for (const entry of entries) {
      const counted = count(entry.deployment)
      if (isSameCount(entry.deployment, counted)) continue
      // That there are no pods is no news, only that they were read.
      if (isFirstNone(entry.deployment, counted)) store.set(createEntry(counted, entry.appliedAt))
      else changed.push(createEntry(counted, entry.appliedAt))
    }
    for (const entry of changed) {
      store.set(entry)
      const { deployment, openJson } = entry
      const change = { type: 'upsert', deployment, openJson, isInPlace: true } as const
      if (changed.length <= differencesMax) emit(change)
    }
    if (changed.length > differencesMax) emit({ type: 'reset', instance })
  }
}

function isSameCount(a: FleetDeployment, b: FleetDeployment): boolean {
  return a.gpus.held === b.gpus.held && a.replicas.running === b.replicas.running
}

function isFirstNone(before: FleetDeployment, after: FleetDeployment): boolean {
  return before.gpus.held === null && after.gpus.held === 0 && !after.replicas.running
}
