import type { QueryClient } from '@tanstack/react-query'

/** What takes longer to be read is not waited for. */
const patienceMs = 1_000
/** For the paint itself. */
const momentMs = 200

/**
 * Calls `go` once when what a page reads first has been read and painted. A stream that begins then misses nothing: it tells
 * what has changed since the first read.
 */
export function whenFirstShown(client: QueryClient, go: () => void): () => void {
  const cache = client.getQueryCache()
  let frame = 0
  let turn: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    unsubscribe()
    clearTimeout(timer)
    clearTimeout(turn)
    cancelAnimationFrame(frame)
  }
  const goNow = () => {
    stop()
    go()
  }
  const look = () => {
    if (frame !== 0 || client.isFetching() > 0) return
    // What was read is drawn with the next frame; a page that nobody sees has none.
    frame = requestAnimationFrame(() => {
      turn = setTimeout(goNow, momentMs)
    })
  }
  const unsubscribe = cache.subscribe(look)
  const timer = setTimeout(goNow, patienceMs)
  look()
  return stop
}
