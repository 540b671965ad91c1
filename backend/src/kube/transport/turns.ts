import { errors } from 'undici'

export type Turns = <T>(act: () => Promise<T>, signal: AbortSignal) => Promise<T>

/** So many act at once, in the order in which they came; whoever is gone before their turn does nothing. */
export function createTurns(atOnce: number): Turns {
  const waiting = new Set<() => void>()
  let free = atOnce

  const take = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(begin)
        reject(new errors.RequestAbortedError())
      }
      const begin = () => {
        waiting.delete(begin)
        signal.removeEventListener('abort', leave)
        resolve()
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(begin)
    })
  const giveBack = () => {
    const [next] = waiting
    if (next) next()
    else free += 1
  }

  return async (act, signal) => {
    if (signal.aborted) throw new errors.RequestAbortedError()
    if (free > 0) free -= 1
    else await take(signal)
    try {
      return await act()
    } finally {
      giveBack()
    }
  }
}
