import { hash } from 'node:crypto'

export type BoundedCache<Value> = {
  get(key: string): Value | undefined
  /** `bytes` is what the value keeps in memory, as far as that can be said. */
  set(key: string, value: Value, bytes?: number): void
  delete(key: string): void
  deleteIf(isOver: (value: Value) => boolean): void
  clear(): void
  readonly size: number
  /** All that is kept, by what was said of it. */
  readonly bytes: number
}

/** What an entry takes besides its key and value: the map's own, and the objects around both. */
const entryBytes = 512
const keyLengthMax = 128

/**
 * Keeps what was used last, within a number of entries and of bytes: keys count too, since whoever asks may choose them.
 * What alone is larger than all of it is not kept.
 */
export function createBoundedCache<Value>({
  bytesMax = Infinity,
  entriesMax,
}: {
  entriesMax: number
  bytesMax?: number
}): BoundedCache<Value> {
  const entries = new Map<string, { value: Value; bytes: number }>()
  let bytes = 0
  const remove = (key: string) => {
    bytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }
  return {
    get: (asked) => {
      const key = shortenKey(asked)
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set: (asked, value, valueBytes = 0) => {
      const key = shortenKey(asked)
      remove(key)
      const own = valueBytes + key.length * 2 + entryBytes
      if (own > bytesMax) return
      entries.set(key, { value, bytes: own })
      bytes += own
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax && entries.size <= entriesMax) break
        remove(oldest)
      }
    },
    delete: (key) => remove(shortenKey(key)),
    deleteIf(isOver) {
      for (const [key, { value }] of entries) if (isOver(value)) remove(key)
    },
    clear() {
      entries.clear()
      bytes = 0
    },
    get size() {
      return entries.size
    },
    get bytes() {
      return bytes
    },
  }
}

/** A long key as its digest: nobody fills memory by what they ask for. */
export function shortenKey(key: string): string {
  return key.length <= keyLengthMax ? key : `#${hash('sha256', key, 'base64url')}`
}
