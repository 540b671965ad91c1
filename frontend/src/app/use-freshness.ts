import { useNetwork } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import type { StreamNoticeProps } from '../features/shell/stream-notice.tsx'
import type { StreamState } from '../lib/stream/open-stream.ts'

/** Whether the page moves by itself, and since when it does not. */
export function useFreshness(state: StreamState): StreamNoticeProps {
  const { online } = useNetwork()
  const [since, setSince] = useState<string | null>(null)
  useEffect(() => {
    if (state === 'open') setSince(null)
    else if (state === 'down') setSince((before) => before ?? new Date().toISOString())
  }, [state])
  return { state, since, isOnline: online }
}
