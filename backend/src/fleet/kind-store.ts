import type { KubeObject, ListWatchEvent, Size } from '#kube'

/** What is kept of one object; `bytes` is about what that takes. */
export type Kept<T> = { key: string; namespace: string; value: T; bytes: number }

/** What is kept of the objects of one kind on one instance. */
export type KindStore<T> = {
  list(): readonly T[]
  /** By its namespace and name, joined by a slash. */
  find(key: string): T | undefined
  size(): Size
  /** What would be kept of an object; null for nothing. */
  read(object: KubeObject): Kept<T> | null
  replace(kept: readonly Kept<T>[], namespace: string | null): void
  event(event: ListWatchEvent): void
  clear(): void
}

/** `read` trims an object, or says with null that it is not kept. */
export function createKindStore<T>(
  read: (object: KubeObject) => T | null,
  onChange: () => void,
  /** Told of each value that goes and comes. */
  onMove: (before: T | null, after: T | null) => void = () => {},
): KindStore<T> {
  const entries = new Map<string, Kept<T>>()
  let bytes = 0
  let values: T[] | null = null
  const changed = () => {
    values = null
    onChange()
  }
  const drop = (key: string) => {
    const known = entries.get(key)
    if (!known) return
    bytes -= known.bytes
    entries.delete(key)
    onMove(known.value, null)
  }
  const put = (kept: Kept<T>) => {
    const known = entries.get(kept.key)
    // One that is known keeps its place: what changes is not to jump in a list.
    entries.set(kept.key, kept)
    bytes += kept.bytes - (known?.bytes ?? 0)
    onMove(known?.value ?? null, kept.value)
  }
  const trim = (object: KubeObject): Kept<T> | null => {
    const value = read(object)
    if (value === null) return null
    const key = keyOf(object)
    const namespace = object.metadata?.namespace ?? ''
    return { key, namespace, value, bytes: key.length + JSON.stringify(value).length }
  }
  return {
    list: () => (values ??= [...entries.values()].map(({ value }) => value)),
    find: (key) => entries.get(key)?.value,
    size: () => ({ objects: entries.size, bytes }),
    read: trim,
    replace: (kept, namespace) => {
      for (const [key, entry] of entries) {
        if (namespace === null || entry.namespace === namespace) drop(key)
      }
      for (const each of kept) put(each)
      changed()
    },
    event: ({ object, type }) => {
      const kept = type === 'DELETED' ? null : trim(object)
      if (kept === null) drop(keyOf(object))
      else put(kept)
      changed()
    },
    clear: () => {
      for (const key of entries.keys()) drop(key)
      changed()
    },
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
}
