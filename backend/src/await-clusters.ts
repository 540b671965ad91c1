import type { Instances } from '#clusters'
import type { Fleet } from '#fleet'
import { sleep, systemTiming, type Timing } from '#kube'

/** A cluster that says nothing for so long is known to be away, or will be told of when it answers. */
const waitMsMax = 10_000
const lookEveryMs = 50

/**
 * Resolves when every instance was read once, or is known not to be readable: before, a hub that just started would refuse
 * changes and show half a list, where the one it takes over from did neither. One silent cluster delays it by 10 s at most.
 */
export async function awaitClusters(options: {
  instances: Pick<Instances, 'list'>
  fleet: Pick<Fleet, 'instanceState'>
  stopped: AbortSignal
  timing?: Timing
}): Promise<void> {
  const { fleet, instances, stopped, timing = systemTiming } = options
  const until = timing.now() + waitMsMax
  const isPending = () =>
    instances.list().some(({ id, status }) => {
      if (status.state === 'connecting') return true
      return status.state === 'ready' && !fleet.instanceState(id).synced
    })
  while (isPending() && timing.now() < until && !stopped.aborted) {
    await sleep(timing, lookEveryMs, stopped)
  }
}
