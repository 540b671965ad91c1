import type { ClusterError, ClusterErrorKind } from '../cluster-error.ts'
import type { Timing } from '../timing.ts'

const delayMinMs = 500
const delayMaxMs = 30_000
const retryAfterMaxMs = 300_000
/** After a kind was over its budget, which nothing but a change on the cluster mends; doubled with each failure. */
const tooMuchDelayMs = { min: 300_000, max: 1_800_000 }
const settlingDelayMaxMs = 4_000

/** What only an administrator can mend, or the cluster itself while it starts. */
export const deniedKinds: ReadonlySet<ClusterErrorKind> = new Set([
  'unauthorized',
  'forbidden',
  'not-found',
])

/** Exponential with full jitter; slow where only an administrator can help; never sooner than the cluster asks. */
export function chooseDelay(failures: number, error: ClusterError | null, timing: Timing): number {
  if (error?.kind === 'too-much') {
    const { max, min } = tooMuchDelayMs
    return Math.min(max, min * 2 ** (failures - 1)) * (1 - 0.2 * timing.random())
  }
  const needsAdministrator = error !== null && deniedKinds.has(error.kind)
  const longest = error?.kind === 'starting' ? settlingDelayMaxMs : delayMaxMs
  const ceiling = needsAdministrator ? longest : Math.min(longest, delayMinMs * 2 ** failures)
  const floor = needsAdministrator ? delayMaxMs / 2 : delayMinMs
  const jittered = floor + timing.random() * (ceiling - floor)
  const asked = Math.min((error?.retryAfterSeconds ?? 0) * 1000, retryAfterMaxMs)
  return Math.max(jittered, asked)
}
