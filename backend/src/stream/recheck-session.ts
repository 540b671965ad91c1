import type { RequestContext } from '#context'
import type { Timers } from './timers.ts'

/**
 * Looks again and again, within every `everyMs`, whether whose stream it is may still read, until the timers end.
 * Returns the way to look at once. `onEnd` where they may not, or where nobody can say.
 */
export function recheckSession(options: {
  everyMs: number
  timers: Timers
  /** As of now; null when the session ended. */
  ask: () => Promise<RequestContext | null>
  onFresh: (ctx: RequestContext) => void
  onEnd: () => void
  log: RequestContext['log']
}): () => void {
  const { timers } = options
  let timer: unknown = null
  let asked = 0
  const check = async () => {
    const turn = (asked += 1)
    timers.cancel(timer)
    try {
      const fresh = await options.ask()
      if (timers.hasEnded()) return
      if (fresh === null) return options.onEnd()
      // What was read before the latest change may be from before it.
      if (turn !== asked) return
      options.onFresh(fresh)
    } catch (error) {
      // Nobody can say any more that the caller may see this.
      options.log.warn({ error }, 'a stream was ended: its session could not be checked')
      return options.onEnd()
    }
    schedule()
  }
  const schedule = () => {
    timer = timers.within(options.everyMs, () => void check())
  }
  schedule()
  return () => void check()
}
