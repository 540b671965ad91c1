import type { Timing } from '#kube'

/** Runs what it is given, so many at once, in the order it came. */
export type TakeTurns = <T>(act: () => Promise<T>) => Promise<T>

/** Whoever takes longer than `heldMs` goes on beside the next: a cluster that does not answer holds up no other. */
export function createTurns(options: {
  atOnce: number
  heldMs: number
  timing: Pick<Timing, 'setTimeout' | 'clearTimeout'>
}): TakeTurns {
  const { timing } = options
  const waiting: (() => void)[] = []
  let free = options.atOnce

  const take = async (): Promise<void> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const giveBack = () => {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }

  return async (act) => {
    await take()
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      timing.clearTimeout(timer)
      giveBack()
    }
    const timer = timing.setTimeout(release, options.heldMs)
    try {
      return await act()
    } finally {
      release()
    }
  }
}
