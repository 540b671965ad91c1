import type { LogsQuery } from '@hub/shared'
import type { FleetPod } from '#fleet'
import type { Deployments } from '../open-deployments.ts'
import type { FollowOptions } from './follow-pod.ts'
import { readLines } from './read-lines.ts'
import { createReaderBudget } from './reader-budget.ts'
import type { SharedLogs } from './share-logs.ts'

/** Of lines that wait for their turn in the buffer. */
const waitingBytes = 1024 * 1024
/** Of a log that is not followed. */
const bytesMax = 16 * 1024 * 1024

/** How one reader gets the lines of pods: with others where these are the same to the cluster, else alone. */
export function createLineOpener({
  deployments: { asWhom, logs },
  of,
  query,
  shared,
  signal,
}: {
  deployments: Pick<Deployments, 'asWhom' | 'logs'>
  /** The instance and the namespace. */
  of: readonly [string, string]
  query: LogsQuery
  shared: SharedLogs
  signal: AbortSignal
}): (pod: FleetPod) => FollowOptions['open'] {
  const budget = createReaderBudget(waitingBytes)
  return (pod) =>
    async ({ container, restarts }, { sinceSeconds, ...start }) => {
      const options = {
        ...start,
        ...(container !== null && { container }),
        ...(sinceSeconds !== undefined && { sinceSeconds }),
        ...(query.follow ? { follow: true } : { limitBytes: bytesMax }),
        ...(query.previous && { previous: true }),
        timestamps: true,
      }
      if (!query.follow || query.previous || sinceSeconds !== undefined) {
        return readLines(await logs(pod.name, { ...options, signal }))
      }
      return shared.join({
        key: JSON.stringify([...of, pod.uid, container, restarts, asWhom()]),
        start,
        open: (whole) => logs(pod.name, { ...options, signal: whole, isShared: true }),
        budget,
        signal,
      })
    }
}
