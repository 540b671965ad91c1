import type { StreamEvent } from '@hub/shared'
import type { Query, QueryClient } from '@tanstack/react-query'

/** Moves what a query holds by what the stream said. Returns the same reference where nothing changed. */
export type StreamReducer<Data> = (data: Data, events: readonly StreamEvent[]) => Data

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: { moveByStream?: (data: unknown, events: readonly StreamEvent[]) => unknown }
  }
}

/** The `meta` of a query that the stream keeps up to date. */
export function movedByStream<Data>(reduce: StreamReducer<Data>) {
  // A query's reducer only ever meets what the query function beside it returned.
  return {
    moveByStream: (data: unknown, events: readonly StreamEvent[]) => reduce(data as Data, events),
  }
}

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

  const move = (query: Query, events: readonly StreamEvent[]) => {
    const reduce = query.meta?.moveByStream
    const data: unknown = query.state.data
    if (!reduce || data === undefined) return
    const moved = reduce(data, events)
    if (moved !== data) client.setQueryData(query.queryKey, moved)
  }

  const unsubscribe = cache.subscribe((change) => {
    if (change.type === 'removed') {
      duringFetch.delete(change.query)
      readTooEarly.delete(change.query)
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
      for (const query of cache.findAll({ predicate: isLive, fetchStatus: 'fetching' })) {
        if (query.state.data === undefined) readTooEarly.add(query)
      }
      void client.invalidateQueries({ predicate: isLive })
    },
    stop: unsubscribe,
  }
}

function isLive(query: Query): boolean {
  return query.meta?.moveByStream !== undefined
}
