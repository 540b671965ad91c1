import type { StreamEvent } from '@hub/shared'
import type { Query, QueryClient } from '@tanstack/react-query'

/** Moves what a query holds by what the stream said. Returns the same reference where nothing changed. */
export type StreamReducer<Data> = (data: Data, events: readonly StreamEvent[]) => Data

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: {
      moveByStream?: (data: unknown, events: readonly StreamEvent[]) => unknown
      isOutdatedBy?: (data: unknown, events: readonly StreamEvent[]) => boolean
    }
  }
}

/**
 * The `meta` of a query that the stream keeps up to date. `isOutdated` says where events mean more than the reducer can
 * make of them; then the query is read again.
 */
export function movedByStream<Data>(
  reduce: StreamReducer<Data>,
  isOutdated: (data: Data, events: readonly StreamEvent[]) => boolean = () => false,
) {
  // A query's reducer only ever meets what the query function beside it returned.
  return {
    moveByStream: (data: unknown, events: readonly StreamEvent[]) => reduce(data as Data, events),
    isOutdatedBy: (data: unknown, events: readonly StreamEvent[]) =>
      isOutdated(data as Data, events),
  }
}

/** However much a fleet is in motion, what it outdates is read again at most this often. */
const readAgainEveryMs = 1_000

export interface LiveQueries {
  apply: (events: readonly StreamEvent[]) => void
  refetch: () => void
  stop: () => void
}

/**
 * Applies stream events to every query that says how. An event that arrives while a query is being read is applied
 * again to the answer, which may be older than the event; events come in order, so that converges.
 */
export function keepQueriesLive(client: QueryClient): LiveQueries {
  const cache = client.getQueryCache()
  const duringFetch = new Map<Query, StreamEvent[]>()
  /** First reads that were under way when the lists were to be read again: query-core does not start those anew. */
  const readTooEarly = new Set<Query>()

  const outdated = new Set<Query>()
  let readAgainAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const readOutdatedAgain = () => {
    timer = undefined
    readAgainAt = Date.now() + readAgainEveryMs
    for (const query of outdated) {
      // The answer under way may be older than what outdated the one before, and is not thrown away.
      if (query.state.fetchStatus !== 'idle') continue
      outdated.delete(query)
      void client.invalidateQueries({ queryKey: query.queryKey, exact: true })
    }
    if (outdated.size > 0) scheduleReading()
  }
  const scheduleReading = () => {
    timer ??= setTimeout(readOutdatedAgain, Math.max(0, readAgainAt - Date.now()))
  }

  const move = (query: Query, events: readonly StreamEvent[]) => {
    const { moveByStream: reduce, isOutdatedBy } = query.meta ?? {}
    const data: unknown = query.state.data
    if (!reduce || data === undefined) return
    // It is read again when it is next shown: what would move it would only make it look current.
    if (query.state.isInvalidated && !query.isActive()) return
    if (isOutdatedBy?.(data, events)) {
      outdated.add(query)
      scheduleReading()
    }
    const moved = reduce(data, events)
    if (moved !== data) client.setQueryData(query.queryKey, moved)
  }

  const unsubscribe = cache.subscribe((change) => {
    if (change.type === 'removed') {
      duringFetch.delete(change.query)
      readTooEarly.delete(change.query)
      outdated.delete(change.query)
    }
    if (change.type !== 'updated' || change.action.type !== 'success' || change.action.manual)
      return
    const missed = duringFetch.get(change.query)
    duringFetch.delete(change.query)
    if (missed) move(change.query, missed)
    if (readTooEarly.delete(change.query)) {
      void client.invalidateQueries({ queryKey: change.query.queryKey, exact: true })
    }
  })

  return {
    apply: (events) => {
      for (const query of cache.findAll({ predicate: isLive })) {
        move(query, events)
        if (query.state.fetchStatus === 'idle') duringFetch.delete(query)
        else duringFetch.set(query, [...(duringFetch.get(query) ?? []), ...events])
      }
    },
    refetch: () => {
      duringFetch.clear()
      outdated.clear()
      for (const query of cache.findAll({ predicate: isLive, fetchStatus: 'fetching' })) {
        if (query.state.data === undefined) readTooEarly.add(query)
      }
      void client.invalidateQueries({ predicate: isLive })
    },
    stop: () => {
      clearTimeout(timer)
      unsubscribe()
    },
  }
}

function isLive(query: Query): boolean {
  return query.meta?.moveByStream !== undefined
}
