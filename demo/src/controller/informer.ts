import { setTimeout as delay } from 'node:timers/promises'
import { KubeError } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { KubeObject } from '../objects.ts'

export type Informer = {
  get(namespace: string, name: string): KubeObject | undefined
  list(): KubeObject[]
  /** Resolves once the first list is in. */
  ready: Promise<void>
  stop(): Promise<void>
}

const pageSize = 500
const watchSeconds = 240
const backoffMs = { min: 100, max: 3_000 }

/** A list-watch cache that outlives server restarts and expired versions. */
export function startInformer(
  client: KubeClient,
  path: string,
  onChange: (object: KubeObject, isDeleted: boolean) => void,
): Informer {
  const cache = new Map<string, KubeObject>()
  const abort = new AbortController()
  const { promise: ready, resolve: markReady } = Promise.withResolvers<void>()

  const list = async (): Promise<string> => {
    const seen = new Map<string, KubeObject>()
    let token: string | undefined
    let resourceVersion: string
    do {
      const page = await client.request('GET', path, {
        query: { limit: pageSize, continue: token },
        signal: abort.signal,
      })
      for (const item of page.items as KubeObject[]) seen.set(keyOf(item.metadata), item)
      token = page.metadata.continue || undefined
      resourceVersion = page.metadata.resourceVersion
    } while (token !== undefined)
    for (const [key, object] of cache) {
      if (seen.has(key)) continue
      cache.delete(key)
      onChange(object, true)
    }
    for (const [key, object] of seen) {
      const isKnown = cache.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion
      cache.set(key, object)
      if (!isKnown) onChange(object, false)
    }
    markReady()
    return resourceVersion
  }

  const watchFrom = async (since: string): Promise<string> => {
    let resourceVersion = since
    const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: watchSeconds }
    for await (const { type, object } of client.watch(path, { query, signal: abort.signal })) {
      if (type === 'ERROR') throw new KubeError(object)
      resourceVersion = object.metadata.resourceVersion
      if (type === 'BOOKMARK') continue
      const isDeleted = type === 'DELETED'
      if (isDeleted) cache.delete(keyOf(object.metadata))
      else cache.set(keyOf(object.metadata), object)
      onChange(object, isDeleted)
    }
    return resourceVersion
  }

  const run = async () => {
    let resourceVersion: string | undefined
    let waitMs = backoffMs.min
    while (!abort.signal.aborted) {
      try {
        resourceVersion = await watchFrom(resourceVersion ?? (await list()))
        waitMs = backoffMs.min
      } catch (error) {
        if (abort.signal.aborted) return
        // Gone or unsure: whatever was missed, a fresh list has it.
        resourceVersion = undefined
        const isExpired = error instanceof KubeError && error.status.code === 410
        await delay(isExpired ? 0 : waitMs, undefined, { signal: abort.signal }).catch(() => {})
        waitMs = Math.min(waitMs * 2, backoffMs.max)
      }
    }
  }
  const finished = run()
  return {
    get: (namespace, name) => cache.get(keyOf({ namespace, name })),
    list: () => [...cache.values()],
    ready,
    stop: async () => {
      abort.abort()
      markReady()
      await finished
    },
  }
}

export function keyOf({ namespace, name }: { namespace?: string; name: string }): string {
  return namespace ? `${namespace}/${name}` : name
}
