import type { KubeObject, ListWatchEvent } from '#kube'

/** What is kept of the objects of one kind on one instance. */
export type KindStore<T> = {
  list(): readonly T[]
  replace(objects: KubeObject[], namespace: string | null): void
  event(event: ListWatchEvent): void
  clear(): void
}

/** `read` trims an object, or says with null that it is not kept. */
export function createKindStore<T>(
  read: (object: KubeObject) => T | null,
  onChange: () => void,
): KindStore<T> {
  const entries = new Map<string, { namespace: string; value: T }>()
  let values: T[] | null = null
  const changed = () => {
    values = null
    onChange()
  }
  const put = (object: KubeObject) => {
    const value = read(object)
    if (value === null) entries.delete(keyOf(object))
    else entries.set(keyOf(object), { namespace: object.metadata?.namespace ?? '', value })
  }
  return {
    list: () => (values ??= [...entries.values()].map(({ value }) => value)),
    replace: (objects, namespace) => {
      for (const [key, entry] of entries) {
        if (namespace === null || entry.namespace === namespace) entries.delete(key)
      }
      for (const object of objects) put(object)
      changed()
    },
    event: ({ object, type }) => {
      if (type === 'DELETED') entries.delete(keyOf(object))
      else put(object)
      changed()
    },
    clear: () => {
      entries.clear()
      changed()
    },
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
}
