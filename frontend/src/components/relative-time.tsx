import { useInterval } from '@mantine/hooks'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import { onClockSet, readClock } from '../lib/clock.ts'
import { formatDate, formatRelative } from '../lib/time.ts'

const Now = createContext(0)
const tickMs = 5_000

/** One clock for every relative time on the page: the hub's. */
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(readClock)
  useInterval(() => setNow(readClock()), tickMs, { autoInvoke: true })
  useEffect(() => onClockSet(() => setNow(readClock())), [])
  return <Now value={now}>{children}</Now>
}

/** The time of the page's clock, in milliseconds. */
export function useNow(): number {
  return use(Now)
}

export function RelativeTime({ at }: { at: string }) {
  const now = useNow()
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return <span>{at}</span>
  return (
    <time
      dateTime={at}
      // A date takes longer to write than its whole row: whoever points at it has it then.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = formatDate(date)
      }}
    >
      {formatRelative(date, now)}
    </time>
  )
}
