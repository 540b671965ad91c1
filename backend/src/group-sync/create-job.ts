import type { Job } from '#context'
import type { SyncDeps } from './deps.ts'
import { syncGroups } from './sync-groups.ts'

const roundSeconds = { min: 2, max: 60 }

/** Looks groups up again every `intervalSeconds`, in rounds that each take those whose turn comes before the next one. */
export function createGroupSyncJob(deps: SyncDeps, intervalSeconds: number): Job {
  const everySeconds = Math.min(roundSeconds.max, Math.max(roundSeconds.min, intervalSeconds / 15))
  return {
    name: 'group-sync.look-up',
    everySeconds,
    // Whoever has just signed in was just asked for.
    firstWaitSeconds: everySeconds,
    jitter: 0.5,
    isLeased: true,
    failure: 'groups could not be looked up again',
    run: (round) => {
      const before = new Date(deps.now().getTime() - (intervalSeconds - everySeconds) * 1000)
      return syncGroups(deps, before, round)
    },
  }
}
