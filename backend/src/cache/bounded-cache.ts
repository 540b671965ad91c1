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
 * What alone is larger than all of it is not kept. The order of use is kept while more than half is in use.
 */
export function createBoundedCache<Value>({
  bytesMax = Infinity,
  entriesMax,
}: {
  entriesMax: number
  bytesMax?: number
}): BoundedCache<Value> {
  type Entry = { value: Value; bytes: number }
  const entries = new Map<string, Entry>()
  let bytes = 0
  const remove = (key: string) => {
    bytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }
  /** Moves it to the end where the order matters: each move makes V8 write the map's table anew, in its old generation. */
  const noteUse = (key: string, entry: Entry) => {
    if (entries.size * 2 <= entriesMax && bytes * 2 <= bytesMax) return
    entries.delete(key)
    entries.set(key, entry)
  }
  return {
    get: (asked) => {
      const key = shortenKey(asked)
      const entry = entries.get(key)
      if (!entry) return undefined
      noteUse(key, entry)
      return entry.value
    },
    set: (asked, value, valueBytes = 0) => {
      const key = shortenKey(asked)
      const own = valueBytes + key.length * 2 + entryBytes
      if (own > bytesMax) return remove(key)
      const known = entries.get(key)
      bytes += own - (known?.bytes ?? 0)
      if (known) {
        known.value = value
        known.bytes = own
        noteUse(key, known)
      } else entries.set(key, { value, bytes: own })
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
