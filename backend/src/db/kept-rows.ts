import type { Change } from './change-feed.ts'
import type { Database, Reader } from './database.ts'
import { isCurrent } from './is-current.ts'

/** Few rows that many requests need, in memory. */
export type KeptRows<T> = {
  /** As they were read last; null before that. */
  latest(): T | null
  /** As the database has them: from memory while every change since was told. Throws what the database says. */
  current(): Promise<T>
  /** Reads them now, whatever was told: for who changed them. Throws what the database says. */
  refresh(): Promise<T>
  /** Reads them again with every change, from now on. Returns what stops it. */
  follow(): () => void
}

export function keepRows<T>(options: {
  db: Database
  now: () => Date
  topic: Change['topic']
  read: (reader: Reader) => Promise<T>
  /** What was read is another than before. */
  onChange?: (latest: T, before: T | null) => void
  /** The sentence's data: what could not be read in the background. */
  onFailure: (error: unknown) => void
}): KeptRows<T> {
  const { db, now, onChange, onFailure, topic } = options
  let kept: { rows: T; readAt: Date } | null = null
  /** Counts what was told: what was read before the latest of it may be from before. */
  let told = 0
  let isStale = true
  let reading: Promise<T> | null = null

  const read = async (): Promise<T> => {
    const toldBefore = told
    const readAt = now()
    const rows = await options.read(db)
    if (told !== toldBefore) return read()
    const before = kept?.rows ?? null
    kept = { rows, readAt }
    isStale = false
    if (JSON.stringify(before) !== JSON.stringify(rows)) onChange?.(rows, before)
    return rows
  }
  const readOnce = () => (reading ??= read().finally(() => (reading = null)))
  const outdate = () => {
    told += 1
    isStale = true
  }

  return {
    latest: () => kept?.rows ?? null,
    current: async () =>
      kept && !isStale && isCurrent(kept.readAt, now(), db) ? kept.rows : readOnce(),
    refresh: () => {
      outdate()
      return readOnce()
    },
    follow: () =>
      db.onChange((change) => {
        if (change.topic !== topic && change.topic !== 'all') return
        outdate()
        void readOnce().catch(onFailure)
      }),
  }
}
