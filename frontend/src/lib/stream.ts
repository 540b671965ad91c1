import { StreamEvent } from '@hub/shared'

export type StreamState = 'connecting' | 'open' | 'down'

export interface StreamListener {
  onEvent: (event: StreamEvent) => void
  onState: (state: StreamState) => void
  /** `resumed` is false where the server cannot know what this reader has missed. */
  onOpen: (resumed: boolean) => void
  /** The server refused the stream. Answers whether to try again. */
  onRefused: () => Promise<boolean>
}

export interface Stream {
  close: () => void
}

const eventTypes = StreamEvent.options.map((option) => option.shape.type.value)
const retryMs = { first: 1_000, max: 60_000 }

/**
 * Follows `/api/stream` until closed. This is the seam for a SharedWorker: what calls it needs no EventSource of its own.
 */
export function openStream(url: string, listener: StreamListener): Stream {
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let refusals = 0
  let closed = false

  const connect = () => {
    let opened = 0
    const current = new EventSource(url)
    source = current
    current.addEventListener('open', () => {
      refusals = 0
      opened += 1
      listener.onState('open')
      // An EventSource that comes back by itself says the last id it got, and the server begins each stream with one.
      listener.onOpen(opened > 1)
    })
    current.addEventListener('error', () => {
      if (closed) return
      listener.onState('down')
      // Anything but CLOSED is a lost connection, which EventSource mends by itself.
      if (current.readyState === EventSource.CLOSED) void reconnectAfterRefusal()
    })
    for (const type of eventTypes) {
      current.addEventListener(type, (message: MessageEvent<string>) => {
        const event = parseStreamEvent(type, message.data)
        if (event) listener.onEvent(event)
      })
    }
  }

  const reconnectAfterRefusal = async () => {
    const again = await listener.onRefused()
    if (closed || !again) return
    const backoff = Math.min(retryMs.max, retryMs.first * 2 ** refusals)
    refusals += 1
    retry = setTimeout(connect, backoff * (0.5 + Math.random() / 2))
  }

  listener.onState('connecting')
  connect()
  return {
    close: () => {
      closed = true
      clearTimeout(retry)
      source?.close()
    },
  }
}

/** Reads one server-sent event; null where it is none this page knows. */
export function parseStreamEvent(type: string, data: string): StreamEvent | null {
  try {
    const body: unknown = data === '' ? {} : JSON.parse(data)
    if (typeof body !== 'object' || body === null) return null
    return StreamEvent.safeParse({ ...body, type }).data ?? null
  } catch {
    return null
  }
}
