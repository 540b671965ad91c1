import { Tooltip } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlugConnectedX } from '@tabler/icons-react'
import type { StreamState } from '../../lib/stream/open-stream.ts'
import classes from './stream-notice.module.css'

// A stream that is back within this time was not worth a word.
const patienceMs = 2_000

/** Says quietly that the page does not move by itself just now. */
export function StreamNotice({ state }: { state: StreamState }) {
  const [settled] = useDebouncedValue(state, patienceMs)
  const down = settled === 'down' && state !== 'open'
  return (
    <span aria-live="polite">
      {down && (
        <Tooltip label="Live updates are interrupted; what you see may be out of date.">
          <span className={classes.notice}>
            <IconPlugConnectedX size={16} aria-hidden />
            <span className={classes.words}>Reconnecting…</span>
          </span>
        </Tooltip>
      )}
    </span>
  )
}
