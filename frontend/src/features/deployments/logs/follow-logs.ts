import type { LogEvent } from '@hub/shared'

/** What is asked of a log: of all pods where none is named. */
export interface LogSelection {
  pod?: string
  container?: string
  /** The run before the last restart. */
  previous?: true
  /** How far back; the latest lines where nothing is said. */
  from?: LogFrom
}

/** How far back a log begins, of each pod. `since` is in seconds. */
export const logStarts = {
  latest: { label: 'Latest 500', tail: 500 },
  more: { label: 'Latest 10,000', tail: 10_000 },
  minutes: { label: 'Last 5 minutes', tail: 10_000, since: 300 },
  hour: { label: 'Last hour', tail: 10_000, since: 3_600 },
  day: { label: 'Last day', tail: 10_000, since: 86_400 },
} as const satisfies Record<string, { label: string; tail: number; since?: number }>
export type LogFrom = keyof typeof logStarts

export interface LogListener {
  onOpen: () => void
  onEvent: (event: LogEvent) => void
  /** Nothing more comes by this connection; it is not tried again by itself. */
  onLost: () => void
}

/** The address of a log that goes on until its pods end. */
export function addressLogs(
  path: string,
  { pod, container, previous, from = 'latest' }: LogSelection,
): string {
  const { tail, ...start } = logStarts[from]
  const query = new URLSearchParams({
    ...(pod !== undefined && { pod }),
    ...(container !== undefined && { container }),
    ...(previous === true ? { previous: 'true' } : { follow: 'true' }),
    tail: String(tail),
    ...('since' in start && { since: String(start.since) }),
    timestamps: 'true',
  })
  return `${path}?${query.toString()}`
}

const types = ['lines', 'pod', 'dropped', 'end'] as const

/** Follows a log (server-sent events, WHATWG HTML §9.2) until it ends, is lost, or is closed. */
export function followLogs(address: string, listener: LogListener): { close: () => void } {
  const source = new EventSource(address)
  source.addEventListener('open', listener.onOpen)
  source.addEventListener('error', () => {
    // One that came back by itself would begin with lines that are here already.
    source.close()
    listener.onLost()
  })
  for (const type of types) {
    source.addEventListener(type, ({ data }: MessageEvent<string>) => {
      const event = readEvent(type, data)
      if (!event) return
      listener.onEvent(event)
      if (event.type === 'end') source.close()
    })
  }
  return { close: () => source.close() }
}

function readEvent(type: LogEvent['type'], data: string): LogEvent | null {
  try {
    // Its type says what the rest is.
    return { ...(JSON.parse(data) as object), type } as LogEvent
  } catch {
    return null
  }
}
