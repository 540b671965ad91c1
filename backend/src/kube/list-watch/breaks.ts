import { startingError, type ClusterError, type ClusterErrorKind } from '../cluster-error.ts'
import { deniedKinds } from './choose-delay.ts'

/** For so long after a break what a cluster refuses, or does not know, may be what it did not load yet. */
const settlingMs = 60_000
/** After these a cluster may be starting. */
const breakKinds: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'timeout',
  'proxy',
  'server',
  'throttled',
])

/** When a cluster last broke off. Who begins to read it anew right after that has to know of it too. */
export type Breaks = {
  note(): void
  /** The same, or what it is of a cluster that is starting. */
  judge(error: ClusterError): ClusterError
}

export function createBreaks(now: () => number): Breaks {
  let latest = Number.NEGATIVE_INFINITY
  const note = () => void (latest = now())
  return {
    note,
    judge: (error) => {
      if (breakKinds.has(error.kind)) note()
      const isStarting = deniedKinds.has(error.kind) && now() - latest < settlingMs
      return isStarting ? startingError(error) : error
    },
  }
}
