import type { Timing } from '#kube'

/** What comes again within it waits: lines are as live to whoever reads along, and few large pieces cost less than many. */
const gatherMs = 200
/** So much at once is what was there already, and more of it waits. */
const muchBytes = 32 * 1024
/** The longest that a turn holds the event loop. */
const turnMs = 5

/** Hands on what there is, as far as one piece goes. Returns its bytes; 0 says that nothing is left. */
export type Run = () => number

/** Runs in turn what is due, until nothing is left: at once after a rest or after much, and else together. */
export function createTurns(timing: Timing): (run: Run) => void {
  const due = new Set<Run>()
  let isResting = true
  const turn = () => {
    if (due.size === 0) {
      isResting = true
      return
    }
    const startedAt = timing.now()
    let most = 0
    for (const run of due) {
      due.delete(run)
      const bytes = run()
      if (bytes > 0) due.add(run)
      most = Math.max(most, bytes)
      if (timing.now() - startedAt >= turnMs) break
    }
    timing.setTimeout(turn, due.size > 0 || most >= muchBytes ? 0 : gatherMs)
  }
  return (run) => {
    due.add(run)
    if (!isResting) return
    isResting = false
    timing.setTimeout(turn, 0)
  }
}
