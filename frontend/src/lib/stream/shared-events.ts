import type { Events, EventsListener } from './event-source.ts'
import { announcePresence, watchPresence, type Presence } from './presence.ts'
import type { TabMessage, WorkerMessage } from './messages.ts'

export interface SharedEvents extends Events {
  /** Ends the stream in every tab. */
  endForAll: () => void
}

export interface SharedEventsOptions {
  url: string
  person: string
  types: readonly string[]
  /** Where this tab began to read, for a stream that is not open yet. */
  since: string | null
}

/** A worker that has not said a word for so long never will. */
const answerMsMax = 5_000

/** Follows the stream that all tabs share. `onUnusable` is called once where the worker cannot be had. */
export function joinSharedEvents(
  { url, person, types, since }: SharedEventsOptions,
  listener: EventsListener,
  onUnusable: () => void,
): SharedEvents {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'hub-stream',
  })
  const { port } = worker
  let own: Presence | null = null
  let stopWatching = () => {}
  let closed = false

  const send = (message: TabMessage) => port.postMessage(message)
  const close = (farewell: TabMessage = { kind: 'leave' }) => {
    if (closed) return
    closed = true
    clearTimeout(answerTimer)
    window.removeEventListener('pagehide', onPageHide)
    window.removeEventListener('pageshow', onPageShow)
    stopWatching()
    send(farewell)
    port.close()
    own?.end()
  }
  const giveUp = () => {
    if (closed) return
    close()
    onUnusable()
  }
  const refused = () => {
    close()
    listener.onRefused()
  }
  const answerTimer = setTimeout(giveUp, answerMsMax)
  worker.addEventListener('error', giveUp)

  const onPageHide = () => send({ kind: 'leave' })
  // A page that comes back from the browser's cache had left.
  const onPageShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted && !closed) refused()
  }
  window.addEventListener('pagehide', onPageHide)
  window.addEventListener('pageshow', onPageShow)

  port.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
    if (closed) return
    switch (data.kind) {
      case 'joined':
        clearTimeout(answerTimer)
        stopWatching = watchPresence(data.presence, () => {
          if (!closed) refused()
        })
        return
      case 'open':
        return listener.onOpen(data.resumed)
      case 'lost':
        return listener.onLost()
      case 'event':
        return listener.onEvent(data.type, data.data)
      case 'refused':
        return refused()
    }
  })
  port.start()
  void announcePresence().then((presence) => {
    if (closed) return presence.end()
    own = presence
    // Nothing is read before there is a page.
    const readingMs = since === null ? Infinity : performance.now()
    send({ kind: 'join', url, person, types, since, readingMs, presence: presence.name })
  })
  return { close: () => close(), endForAll: () => close({ kind: 'signed-out' }) }
}
