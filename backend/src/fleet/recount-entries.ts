import type { FleetChangeBody } from './change-log.ts'
import type { EntryStore, KeptEntry } from './entry-store.ts'
import type { FleetDeployment } from './read-deployment.ts'
import { createEntry, differencesMax, keepEntry } from './snapshot-entry.ts'

/** These; all that do not simply run, with pods to show for it where these are read; or all. */
export type Recounted = readonly { namespace: string; name: string }[] | 'unsettled' | 'all'

/** Takes over what some deployments, or all, come to now by what is read around them. */
export function createRecount(options: {
  instance: string
  store: EntryStore
  emit: (change: FleetChangeBody) => void
  complete: (entry: KeptEntry) => FleetDeployment
}) {
  const { complete, emit, instance, store } = options
  const listed = (of: Recounted): KeptEntry[] => {
    if (of === 'all') return store.all(null)
    if (of === 'unsettled') return store.all(null).filter(isUnsettled)
    return of.flatMap(({ name, namespace }) => store.find(namespace, name) ?? [])
  }
  return (of: Recounted): void => {
    const changed: KeptEntry[] = []
    for (const entry of listed(of)) {
      const now = complete(entry)
      if (isSame(entry.deployment, now)) continue
      const after = createEntry(now, entry.object, entry)
      // That there are no pods is no news, only that they were read.
      if (isFirstNone(entry.deployment, now)) store.set(after)
      else changed.push(after)
    }
    for (const after of changed) {
      const change = keepEntry(store, after)
      if (changed.length <= differencesMax) emit(change)
    }
    if (changed.length > differencesMax) emit({ type: 'reset', instance })
  }
}

/** Of what runs by its object's word alone, the runtime may tell better. */
function isUnsettled({ deployment, status }: KeptEntry): boolean {
  return status !== 'running' || (deployment.replicas.running ?? deployment.gpus.held) === 0
}

function isSame(a: FleetDeployment, b: FleetDeployment): boolean {
  return (
    a.state === b.state &&
    a.sentence === b.sentence &&
    a.gpus.held === b.gpus.held &&
    a.replicas.ready === b.replicas.ready &&
    a.replicas.running === b.replicas.running
  )
}

function isFirstNone(before: FleetDeployment, after: FleetDeployment): boolean {
  return (
    before.state === after.state &&
    before.sentence === after.sentence &&
    before.replicas.ready === after.replicas.ready &&
    before.gpus.held === null &&
    after.gpus.held === 0 &&
    !after.replicas.running
  )
}
