import type { InstanceList, StreamEvent } from '@hub/shared'
import type { QueryClient } from '@tanstack/react-query'
import { useEffect, useState, type RefObject } from 'react'
import { meQuery } from '../features/auth/queries.ts'
import { deploymentListsKey } from '../features/deployments/queries.ts'
import { instanceQuery, instancesQuery } from '../features/instances/queries.ts'
import { api } from '../lib/api/client.ts'
import { isProblem } from '../lib/api/problem.ts'
import { takePosition } from '../lib/api/stream-position.ts'
import { whenFirstShown } from '../lib/stream/first-shown.ts'
import { keepQueriesLive } from '../lib/stream/live-queries.ts'
import {
  openStream,
  type Stream,
  type StreamListener,
  type StreamState,
} from '../lib/stream/open-stream.ts'

// Events of one moment are applied together: a fleet in motion sends many.
const flushAfterMs = 100

/** Keeps every live query moving while the component is mounted; `streamRef` has the stream that does. */
export function useStream(
  client: QueryClient,
  person: string,
  streamRef: RefObject<Stream | null>,
): StreamState {
  const [state, setState] = useState<StreamState>('connecting')

  useEffect(() => {
    const live = keepQueriesLive(client)
    let queue: StreamEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined

    const readMeAgain = () => void client.invalidateQueries({ queryKey: meQuery().queryKey })

    const flush = () => {
      timer = undefined
      const events = queue
      queue = []
      refetchWhatEventsOnlyHintAt(client, events)
      // One that was approved is a grant.
      if (events.some(({ type }) => type === 'access-requests')) readMeAgain()
      live.apply(events)
    }

    const readAgain = () => {
      queue = []
      live.refetch()
      // What was missed may be a change of what this person may do.
      readMeAgain()
    }

    const listener: StreamListener = {
      onEvent: (event) => {
        if (event.type === 'reset') return readAgain()
        queue.push(event)
        timer ??= setTimeout(flush, flushAfterMs)
      },
      onState: setState,
      onOpen: (resumed) => {
        if (!resumed) live.refetch()
      },
      onRefused: async () => {
        const me = client.fetchQuery({ ...meQuery(), staleTime: 0 })
        return await me.then(
          () => true,
          (error: unknown) => !isProblem(error, 401),
        )
      },
    }
    let stream: Stream | undefined
    const stopWaiting = whenFirstShown(client, () => {
      const since = takePosition()
      stream = openStream({ url: api.stream.$path(), person, since }, listener)
      streamRef.current = stream
    })
    return () => {
      clearTimeout(timer)
      stopWaiting()
      stream?.close()
      live.stop()
    }
  }, [client, person, streamRef])

  return state
}

/** An instance that changed its state may also have changed which lists are complete, and one that left is not found. */
function refetchWhatEventsOnlyHintAt(client: QueryClient, events: readonly StreamEvent[]): void {
  const known = client.getQueryData<InstanceList>(instancesQuery().queryKey)?.items ?? []
  for (const event of events) {
    if (event.type === 'instance-removed') {
      void client.invalidateQueries({ queryKey: instanceQuery(event.id).queryKey, exact: true })
    }
    if (event.type !== 'instance') continue
    const { id, status } = event.instance
    if (known.find((instance) => instance.id === id)?.status.state === status.state) continue
    void client.invalidateQueries({ queryKey: deploymentListsKey })
  }
}
