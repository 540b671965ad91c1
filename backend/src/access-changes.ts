import type { Database } from '#db'

export type AccessChanges = Pick<Database, 'onChange'> & {
  /** Everything may be another, on this replica alone. */
  tellAll(): void
}

/** What may change who may what: what the database announces, and what this replica learns by itself. */
export function joinAccessChanges(db: Pick<Database, 'onChange'>): AccessChanges {
  const listeners = new Set<Parameters<Database['onChange']>[0]>()
  return {
    onChange(listener) {
      listeners.add(listener)
      const unsubscribe = db.onChange(listener)
      return () => {
        listeners.delete(listener)
        unsubscribe()
      }
    },
    tellAll() {
      for (const listener of listeners) listener({ topic: 'all', subject: '' })
    },
  }
}
