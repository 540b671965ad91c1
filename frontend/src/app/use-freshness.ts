import { useNetwork } from '@mantine/hooks'
import type { StreamNoticeProps } from '../features/shell/stream-notice.tsx'
import { useNow } from '../components/relative-time.tsx'
import { useState } from 'react'
import type { StreamState } from '../lib/stream/open-stream.ts'

/** Whether the page moves by itself, and since when it does not. */
export function useFreshness(state: StreamState): StreamNoticeProps {
  const { online } = useNetwork()
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
  return {
    state,
    since: since === null ? null : new Date(since).toISOString(),
    isOnline: online,
  }
}
