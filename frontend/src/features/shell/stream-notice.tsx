import { useDebouncedValue } from '@mantine/hooks'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { RelativeTime } from '../../components/relative-time.tsx'
import type { StreamState } from '../../lib/stream/open-stream.ts'
import classes from './stream-notice.module.css'

// A stream that is back within this time was not worth a word.
const patienceMs = 2_000

export interface StreamNoticeProps {
  state: StreamState
  /** Since when the page does not move by itself; null while it does. */
  since: string | null
  isOnline: boolean
}

/** Says quietly that the page does not move by itself just now, why, and how old it is. */
export function StreamNotice({ state, since, isOnline }: StreamNoticeProps) {
  const [settled] = useDebouncedValue(state, patienceMs)
  const isDown = !isOnline || (settled === 'down' && state !== 'open')
  return (
    <span aria-live="polite">
      {isDown && (
        <span className={classes.notice}>
          <IconPlugConnectedX size={16} aria-hidden />
          <span className={classes.words}>
            {isOnline ? 'Reconnecting' : 'Offline'}
            <span className={classes.more}>
              {isOnline ? ' to the hub' : ': this computer has no network'}
            </span>
            {since !== null && (
              <span className={classes.since}>
                {', as of '}
                <RelativeTime at={since} />
              </span>
            )}
          </span>
        </span>
      )}
    </span>
  )
}
