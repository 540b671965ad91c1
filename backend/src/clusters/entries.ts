import type { Logger } from '#log'
import type { ClusterInstance, InstancesChange } from './cluster-instance.ts'
import type { Entry } from './entry.ts'

/** The instances there are, and who is told when one is another. */
export type Entries = {
  get(id: string): Entry | undefined
  /** Tells of it. */
  put(entry: Entry): void
  /** What is known of it is another from now on. */
  change(entry: Entry, instance: ClusterInstance): void
  remove(id: string): void
  values(): Iterable<Entry>
  /** How many of them have a credential. */
  size(): number
  has(id: string): boolean
  clear(): void
  onChange(listener: (change: InstancesChange) => void): () => void
}

export function createEntries(log: Logger): Entries {
  const entries = new Map<string, Entry>()
  const listeners = new Set<(change: InstancesChange) => void>()
  const emit = (change: InstancesChange) => {
    for (const listener of listeners) {
      try {
        listener(change)
      } catch (error) {
        log.error({ error }, 'a listener to instances failed')
      }
    }
  }
  return {
    get: (id) => entries.get(id),
    put: (entry) => {
      entries.set(entry.instance.id, entry)
      emit({ type: 'upsert', instance: entry.instance })
    },
    change: (entry, instance) => {
      entry.instance = instance
      emit({ type: 'upsert', instance })
    },
    remove: (id) => {
      entries.delete(id)
      emit({ type: 'remove', id })
    },
    values: () => entries.values(),
    size: () => [...entries.values()].filter(({ good }) => good !== null).length,
    has: (id) => entries.has(id),
    clear: () => entries.clear(),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
