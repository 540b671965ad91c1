import { useQueryClient } from '@tanstack/react-query'
import { useState, useSyncExternalStore, type RefObject } from 'react'
import { useNow } from '../components/relative-time.tsx'
import { StreamNotice } from '../features/shell/stream-notice.tsx'
import type { Stream, StreamState } from '../lib/stream/open-stream.ts'
import { useStream } from './use-stream.ts'

/**
 * Keeps the page moving, and says whether it does and since when it does not. A component of its own: a stream opens while
 * a page is first drawn, and nothing else need be drawn again for that.
 */
export function Freshness({
  person,
  streamRef,
}: {
  person: string
  streamRef: RefObject<Stream | null>
}) {
  const state = useStream(useQueryClient(), person, streamRef)
  const isOnline = useSyncExternalStore(watchNetwork, () => navigator.onLine)
  const now = useNow()
  const [known, setKnown] = useState<{ state: StreamState; since: number | null }>({
    state,
    since: null,
  })
  // One that is being opened again is as old as it was.
  if (known.state !== state) {
    setKnown({ state, since: state === 'open' ? null : (known.since ?? now) })
  }
  const { since } = known
  return (
    <StreamNotice
      state={state}
      since={since === null ? null : new Date(since).toISOString()}
      isOnline={isOnline}
    />
  )
}

function watchNetwork(listener: () => void): () => void {
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}
