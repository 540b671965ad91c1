import type { LogsQuery } from '@hub/shared'
import type { FleetPod } from '#fleet'
import type { Deployments } from '../open-deployments.ts'
import type { FollowOptions } from './follow-pod.ts'
import type { ReaderRoom, SharedLogs } from './share-logs.ts'

/** Of a log that is not followed. */
const bytesMax = 16 * 1024 * 1024

/** How one reader gets the lines of pods: with others where these are the same to the cluster, else alone. */
export function createLineOpener({
  deployments: { asWhom, logs },
  of,
  query,
  room,
  shared,
  signal,
}: {
  deployments: Pick<Deployments, 'asWhom' | 'logs'>
  /** The instance and the namespace. */
  of: readonly [string, string]
  query: LogsQuery
  room: ReaderRoom
  shared: SharedLogs
  signal: AbortSignal
}): (pod: FleetPod) => FollowOptions['read'] {
  return (pod) =>
    async ({ container, restarts }, { sinceSeconds, ...start }, taker) => {
      const isShared = query.follow && !query.previous && sinceSeconds === undefined
      const options = {
        ...start,
        ...(container !== null && { container }),
        ...(sinceSeconds !== undefined && { sinceSeconds }),
        ...(query.follow ? { follow: true } : { limitBytes: bytesMax }),
        ...(query.previous && { previous: true }),
        ...(isShared && { isShared }),
        timestamps: true,
      }
      return shared.read({
        key: isShared ? JSON.stringify([...of, pod.uid, container, restarts, asWhom()]) : null,
        start,
        open: (whole) => logs(pod.name, { ...options, signal: whole }),
        room,
        signal,
        ...taker,
      })
    }
}
