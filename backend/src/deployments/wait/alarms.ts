import type { Timing } from '#kube'

/** Timers by what they are for: setting one again replaces it, keeping one leaves it as it is. */
export function createAlarms(timing: Timing) {
  const timers = new Map<string, unknown>()
  const clear = (name: string) => {
    timing.clearTimeout(timers.get(name))
    timers.delete(name)
  }
  const set = (name: string, ms: number, work: () => void) => {
    clear(name)
    timers.set(name, timing.setTimeout(work, ms))
  }
  return {
    set,
    keep: (name: string, ms: number, work: () => void) => {
      if (!timers.has(name)) set(name, ms, work)
    },
    clear,
    clearAll: () => {
      for (const name of timers.keys()) clear(name)
    },
  }
}
