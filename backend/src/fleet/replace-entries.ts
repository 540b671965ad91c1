import type { FleetChangeBody } from './change-log.ts'
import type { EntryStore, KeptEntry } from './entry-store.ts'
import { appliedForMs, differencesMax, isNewer, keepEntry } from './snapshot-entry.ts'

/** Makes what was listed all there is, and tells the differences; what the hub wrote meanwhile stays. */
export function createReplace(options: {
  instance: string
  store: EntryStore
  emit: (change: FleetChangeBody) => void
  now: () => number
  bury: (uid: string) => void
  /** An entry as it is now. */
  renew: (entry: KeptEntry) => KeptEntry
}) {
  const { bury, emit, instance, now, renew, store } = options
  const isAhead = (entry: KeptEntry, of: string) =>
    entry.appliedAt !== null &&
    now() - entry.appliedAt < appliedForMs &&
    isNewer(entry.deployment.resourceVersion, of)

  return (
    read: readonly KeptEntry[],
    resourceVersion: string,
    namespace: string | null = null,
  ): void => {
    if (read.length > differencesMax) store.unsort()
    const seen = new Set<string>()
    const changes: FleetChangeBody[] = []
    for (const entry of read) {
      const each = renew(entry)
      const { deployment, openJson } = each
      if (namespace !== null && deployment.namespace !== namespace) continue
      seen.add(keyOf(deployment))
      const known = store.find(deployment.namespace, deployment.name)
      if (known && (known.openJson === openJson || isAhead(known, deployment.resourceVersion))) {
        continue
      }
      changes.push(keepEntry(store, { ...each, appliedAt: null }))
    }
    for (const entry of store.all(namespace)) {
      const { deployment } = entry
      if (seen.has(keyOf(deployment)) || isAhead(entry, resourceVersion)) continue
      store.unset(deployment)
      bury(deployment.uid)
      const { name, namespace: of, uid } = deployment
      changes.push({ type: 'remove', instance, namespace: of, name, uid })
    }
    if (changes.length > differencesMax) emit({ type: 'reset', instance })
    else for (const change of changes) emit(change)
  }
}

function keyOf({ name, namespace }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`
}
