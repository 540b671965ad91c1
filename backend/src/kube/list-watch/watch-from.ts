import { statusError, ClusterError } from '../cluster-error.ts'
import type { KubeObject, WatchEvent } from '../objects.ts'
import type { Timing } from '../timing.ts'
import type { ListWatchOptions } from './options.ts'

/** API servers send bookmarks about once a minute. After one that is missed the watch is opened anew where it stood. */
export const rewatchAfterMs = 65_000

/** Delivers events; yields the resourceVersion reached. Ends when the server ends the watch, or says nothing in it. */
export async function* watchFrom<T>(
  options: ListWatchOptions<T>,
  position: string,
  timing: Timing,
  on: {
    onBytes: (count: number) => void
    onLine: (type: WatchEvent['type']) => void
    onOpen: () => void
  },
): AsyncGenerator<string, void, undefined> {
  const timeoutSeconds = 240 + Math.floor(timing.random() * 61)
  const quiet = limitSilence(timing, options.signal)
  try {
    const events = options.transport.watch({
      path: options.path,
      query: {
        ...options.query,
        resourceVersion: position,
        allowWatchBookmarks: true,
        timeoutSeconds,
      },
      signal: quiet.signal,
      idleTimeoutMs: (timeoutSeconds + 30) * 1000,
      // A little sooner, so that its connection is asked whether it is alive; two of them are as long as makes a watch dead.
      silenceMs: rewatchAfterMs - 500,
      onOpen: on.onOpen,
      onBytes: on.onBytes,
    })
    for await (const event of events) {
      on.onLine(event.type)
      quiet.restart()
      // Expiry also comes as a 200 that says so in its first line.
      if (event.type === 'ERROR') throw describeExpiry(event.object)
      if (event.type !== 'BOOKMARK') options.onEvent({ type: event.type, object: event.object })
      const resourceVersion = event.object.metadata?.resourceVersion
      if (typeof resourceVersion === 'string' && resourceVersion !== '') yield resourceVersion
    }
  } catch (error) {
    // What ended it is our own word.
    if (!quiet.isOver()) throw error
  } finally {
    quiet.clear()
  }
}

/** A signal that aborts with `outer`, or when nothing was said for as long as a bookmark may take. */
function limitSilence(timing: Timing, outer: AbortSignal) {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let isOver = false
  let saidAt = timing.now()
  let timer: unknown
  const wait = (ms: number) => {
    timer = timing.setTimeout(() => {
      const leftMs = saidAt + rewatchAfterMs - timing.now()
      if (leftMs > 0) return wait(leftMs)
      isOver = true
      abort()
    }, ms)
  }
  if (outer.aborted) abort()
  else outer.addEventListener('abort', abort)
  wait(rewatchAfterMs)
  return {
    signal: controller.signal,
    restart: () => void (saidAt = timing.now()),
    isOver: () => isOver,
    clear: () => {
      timing.clearTimeout(timer)
      outer.removeEventListener('abort', abort)
    },
  }
}

/** An ERROR event ends what the watch can tell, whatever its code: the way on is a new list. */
function describeExpiry(status: KubeObject): ClusterError {
  const code = typeof status.code === 'number' ? status.code : 410
  const { message, reason, retryAfterSeconds } = statusError({ status: code, body: status })
  return new ClusterError('gone', { message, status: code, reason, retryAfterSeconds })
}
