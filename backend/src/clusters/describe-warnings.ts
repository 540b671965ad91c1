import { apiGroups } from '#kube'
import type { GoodCredential } from './credentials-directory.ts'
import { describeExpiry } from './describe-expiry.ts'
import type { Probe } from './watch-health.ts'

const [newer, former] = apiGroups

/** What is odd about a credential, and what a probe with it showed, in sentences for administrators. */
export function describeWarnings(
  { isTokenRenewed: isRenewed, lifetimes, warnings }: GoodCredential,
  probe: Probe | null,
  now: Date,
): string[] {
  const isUnknown = probe?.facts?.uid === null
  const left = probe?.facts?.former ?? 0
  return [
    ...warnings,
    ...describeExpiry(lifetimes, { isRenewed, now }),
    ...(isUnknown
      ? [
          'The credential may not read the namespace "kube-system", so the hub knows the cluster only by its address and certificate authority: when either changes, the instance is on hold until you confirm. Allow it to.',
        ]
      : []),
    ...(left > 0
      ? [
          `The cluster has ${left === 1 ? 'a deployment' : `${left} deployments`} in AI Runway's former API group ${former}, which the hub does not show, count or change: it uses ${newer}, which is there as well. Create them anew in ${newer}, then delete them.`,
        ]
      : []),
  ]
}
