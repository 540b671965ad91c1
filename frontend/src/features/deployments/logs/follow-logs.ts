import type { LogEvent } from '@hub/shared'

/** What is asked of a log: of all pods where none is named. */
export interface LogSelection {
  pod?: string
  container?: string
  /** The run before the last restart. */
  previous?: true
}

export interface LogListener {
  onOpen: () => void
  onEvent: (event: LogEvent) => void
  /** Nothing more comes by this connection; it is not tried again by itself. */
  onLost: () => void
}

const tailFirst = 500

/** The address of a log that goes on until its pods end. */
export function addressLogs(path: string, { pod, container, previous }: LogSelection): string {
  const query = new URLSearchParams({
    ...(pod !== undefined && { pod }),
    ...(container !== undefined && { container }),
    ...(previous === true ? { previous: 'true' } : { follow: 'true' }),
    tail: String(tailFirst),
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
