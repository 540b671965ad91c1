import type { Timing } from '#kube'

type Limits = {
  /** At once, of those that began a moment ago. */
  most: number
  /** At once on one instance, however long they take. */
  perInstance: number
  /** Whoever takes longer waits for its cluster, and takes no place from the others. */
  slowMs: number
}

const usualLimits: Limits = { most: 8, perInstance: 2, slowMs: 2_000 }

/**
 * Runs something for each target, as many at once as the limits let, in their order as far as these do. Resolves when all
 * have ended; `run` must not throw.
 */
export function runTargets<T extends { instance: string }>(
  targets: readonly T[],
  run: (target: T, index: number) => Promise<void>,
  timing: Timing,
  limits: Limits = usualLimits,
): Promise<void> {
  const waiting = targets.map((target, index) => ({ target, index }))
  const onInstance = new Map<string, number>()
  let fresh = 0
  let running = 0

  return new Promise((resolve) => {
    const begin = ({ index, target }: (typeof waiting)[number]) => {
      const { instance } = target
      onInstance.set(instance, (onInstance.get(instance) ?? 0) + 1)
      running += 1
      fresh += 1
      let isFresh = true
      const age = () => {
        if (isFresh) fresh -= 1
        isFresh = false
      }
      const timer = timing.setTimeout(() => {
        age()
        goOn()
      }, limits.slowMs)
      void run(target, index).finally(() => {
        timing.clearTimeout(timer)
        age()
        running -= 1
        onInstance.set(instance, onInstance.get(instance)! - 1)
        goOn()
      })
    }
    const goOn = () => {
      while (fresh < limits.most) {
        const next = waiting.findIndex(
          ({ target }) => (onInstance.get(target.instance) ?? 0) < limits.perInstance,
        )
        if (next === -1) break
        begin(waiting.splice(next, 1)[0]!)
      }
      if (running === 0 && waiting.length === 0) resolve()
    }
    goOn()
  })
}
