import type { InstanceStatus } from '@hub/shared'
import type { Clock } from '#context'
import type { Timing } from '#kube'
import type { Logger } from '#log'
import type { GoodCredential } from './credentials-directory.ts'
import { describeShortage, type DescriptorPlan } from './descriptors.ts'

/** Instances that the hub has no connections for, in the order they came. */
export type Parking = {
  add(id: string, good: GoodCredential): void
  remove(id: string): void
  /** Who waits for longest. */
  next(): readonly [id: string, good: GoodCredential] | null
  /** What is said of one, among so many. */
  describe(id: string, wanted: number): InstanceStatus
  stop(): void
}

const toldAfterMs = 1_000

export function createParking(options: {
  plan: DescriptorPlan
  /** How many instances there are. */
  count: () => number
  /** What is said of this one is told anew, now that it is known how many there are. */
  onReason: (id: string, reason: string | null) => void
  timing: Timing
  now: Clock
  log: Logger
}): Parking {
  const { log, now, plan, timing } = options
  const parked = new Map<string, GoodCredential>()
  let timer: unknown = null

  const describe = (id: string, wanted: number): InstanceStatus => ({
    state: 'degraded',
    reason: `Instance "${id}" is not watched: ${describeShortage(plan, wanted)}.`,
    since: now().toISOString(),
    lastSeenAt: null,
  })

  const tell = () => {
    timer = null
    if (parked.size === 0) return
    const count = options.count()
    log.warn(
      { instances: [...parked.keys()] },
      `some instances are not watched: ${describeShortage(plan, count)}`,
    )
    for (const id of parked.keys()) options.onReason(id, describe(id, count).reason)
  }

  return {
    add: (id, good) => {
      parked.set(id, good)
      // Hundreds of files that come at once are told of once, with how many they are in the end.
      timer ??= timing.setTimeout(tell, toldAfterMs)
    },
    remove: (id) => void parked.delete(id),
    next: () => {
      const [next] = parked
      return next ?? null
    },
    describe,
    stop: () => timing.clearTimeout(timer),
  }
}
