import { streamEventTypes, type StreamEvent } from '@hub/shared'
import { followEventSource, type EventsListener } from './event-source.ts'
import { joinSharedEvents, type SharedEvents } from './shared-events.ts'

export type StreamState = 'connecting' | 'open' | 'down'

export interface StreamListener {
  onEvent: (event: StreamEvent) => void
  onState: (state: StreamState) => void
  /** `resumed` is false where the server cannot know what this reader has missed. */
  onOpen: (resumed: boolean) => void
  /** The stream ended, or is somebody else's by now. Answers whether to try again. */
  onRefused: () => Promise<boolean>
}

export interface Stream {
  close: () => void
  /** After signing out: no tab of this browser follows the session's stream any longer. */
  endForAll: () => void
}

const retryMs = { first: 1_000, max: 60_000 }

/**
 * Follows `/api/stream` until closed, from where this page began to read, on the one connection that all tabs of `person` in
 * this browser share; on one of its own where the browser has no SharedWorker, forbids it, or does not start it.
 */
export function openStream(
  options: { url: string; person: string; since: string | null },
  listener: StreamListener,
): Stream {
  const { url, person } = options
  let { since } = options
  let events: SharedEvents | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let canShare = typeof SharedWorker === 'function'
  let refusals = 0
  let closed = false

  const eventsListener: EventsListener = {
    onOpen: (resumed) => {
      refusals = 0
      since = null
      listener.onState('open')
      listener.onOpen(resumed)
    },
    onLost: () => listener.onState('down'),
    onEvent: (type, data) => {
      const event = parseStreamEvent(type, data)
      if (event) listener.onEvent(event)
    },
    onRefused: () => {
      if (closed) return
      since = null
      listener.onState('down')
      void tryAgain()
    },
  }

  const connect = () => {
    retry = undefined
    events = canShare ? share() : followAlone()
  }
  const share = (): SharedEvents => {
    const alone = () => {
      canShare = false
      connect()
    }
    try {
      return joinSharedEvents(
        { url, person, types: streamEventTypes, since },
        eventsListener,
        alone,
      )
    } catch {
      // Where storage is forbidden, so is a worker.
      canShare = false
      return followAlone()
    }
  }
  const followAlone = (): SharedEvents => {
    const source = followEventSource({ url, since }, eventsListener)
    source.listenTo(streamEventTypes)
    return { close: source.close, endForAll: source.close }
  }

  const tryAgain = async () => {
    const again = await listener.onRefused()
    if (closed || !again) return
    const backoff = Math.min(retryMs.max, retryMs.first * 2 ** refusals)
    refusals += 1
    retry = setTimeout(connect, backoff * (0.5 + Math.random() / 2))
  }
  const onOnline = () => {
    if (retry === undefined) return
    clearTimeout(retry)
    connect()
  }

  listener.onState('connecting')
  connect()
  window.addEventListener('online', onOnline)

  const close = (leave: 'close' | 'endForAll') => {
    closed = true
    window.removeEventListener('online', onOnline)
    clearTimeout(retry)
    events?.[leave]()
  }
  return { close: () => close('close'), endForAll: () => close('endForAll') }
}

/** Reads one server-sent event; null where it is none this page knows. */
export function parseStreamEvent(type: string, data: string): StreamEvent | null {
  try {
    const body: unknown = data === '' ? {} : JSON.parse(data)
    if (typeof body !== 'object' || body === null) return null
    const isKnown = streamEventTypes.some((known) => known === type)
    // Its type says what the rest is.
    return isKnown ? ({ ...body, type } as StreamEvent) : null
  } catch {
    return null
  }
}
