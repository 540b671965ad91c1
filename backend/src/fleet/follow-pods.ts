import type { Timing } from '#kube'
import { createPodTallies } from './pod-tallies.ts'
import type { PodTally } from './present-deployment.ts'
import type { FleetPod } from './read-pod.ts'
import type { KindState } from './watch-kind.ts'

/** What a deployment's pods come to, as far as pods are read, while they come and go. */
export type PodFollower = {
  moved(before: FleetPod | null, after: FleetPod | null): void
  /** Pods come and go together: they are counted once for all. */
  countSoon(): void
  /** Where pods are read may be another. */
  follow(state: KindState | null): void
  /** Null where pods are not read. */
  tallyOf(namespace: string, deployment: string): PodTally | null
  clear(): void
  stop(): void
}

const countAfterMs = 50

export function createPodFollower(options: {
  timing: Timing
  /** Of these deployments; null for all. */
  recount: (moved: ReturnType<ReturnType<typeof createPodTallies>['takeMoved']> | null) => void
}): PodFollower {
  const { recount, timing } = options
  const tallies = createPodTallies()
  let timer: unknown = null
  /** Where pods were read last: what they told is as old as all that is shown. Null before, and once they may not be. */
  let read: Pick<KindState, 'covered'> | null = null
  return {
    moved: tallies.move,
    countSoon: () => {
      timer ??= timing.setTimeout(() => {
        timer = null
        recount(tallies.takeMoved())
      }, countAfterMs)
    },
    follow: (state) => {
      const before = read
      if (state?.known) read = state
      else if (state?.error?.kind === 'forbidden') read = null
      if (read === null ? before === null : isSameCover(read.covered, before?.covered)) return
      tallies.takeMoved()
      recount(null)
    },
    tallyOf: (namespace, deployment) => {
      const isRead = read !== null && (read.covered?.has(namespace) ?? true)
      return isRead ? tallies.of(namespace, deployment) : null
    },
    clear: () => {
      read = null
    },
    stop: () => timing.clearTimeout(timer),
  }
}

function isSameCover(a: KindState['covered'], b: KindState['covered'] | undefined): boolean {
  if (!a || !b) return a === b
  return a.size === b.size && [...a].every((namespace) => b.has(namespace))
}
