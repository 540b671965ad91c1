/**
 * Milliseconds that only grow, by a clock that may be set: for delays and ages of what is kept. Where the clock is set back,
 * what truly passed counts. What waits and works by itself has `Timing` instead.
 */
export function measureElapsed(now: () => Date): () => number {
  let elapsedMs = 0
  let last: { clockMs: number; trueMs: number } | null = null
  return () => {
    const at = { clockMs: now().getTime(), trueMs: performance.now() }
    // Tests move the clock alone; set forward by an operator, it makes things old early, which harms nobody.
    if (last) elapsedMs += Math.max(at.clockMs - last.clockMs, at.trueMs - last.trueMs)
    last = at
    return elapsedMs
  }
}
