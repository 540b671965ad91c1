import type { ClusterFacts } from '#kube'
import type { ClusterInstance } from './cluster-instance.ts'
import { identityOf, placeOf } from './cluster-identities.ts'
import { describeHealth } from './describe-health.ts'
import type { GoodCredential } from './credentials-directory.ts'
import { describeRest } from './describe-rest.ts'
import { describeWarnings } from './describe-warnings.ts'
import type { Entry } from './entry.ts'
import type { Probe } from './watch-health.ts'

/** What an instance is after a probe, given whether its name may lead to another cluster than before. */
export function tellProbe(
  entry: Pick<Entry, 'instance' | 'settled' | 'trouble' | 'peopleTrouble'> & {
    good: GoodCredential
  },
  probe: Probe,
  { isResting, isUnanswered, now }: { isResting: boolean; isUnanswered: boolean; now: Date },
): ClusterInstance {
  const { good, instance } = entry
  const { state, reason } =
    isResting && probe.facts
      ? {
          state: 'degraded' as const,
          reason: describeRest(instance.id, probe.facts.uid, isUnanswered),
        }
      : describeHealth(instance.id, probe, joinTroubles(entry))
  const at = now.toISOString()
  const answered = probe.error === null || probe.error.status !== null
  const told = probe.facts && (probe.isUnsettled ? whileStarting(entry, probe.facts) : probe.facts)
  return {
    ...instance,
    status: {
      state,
      reason,
      since: state === instance.status.state ? instance.status.since : at,
      lastSeenAt: answered ? at : instance.status.lastSeenAt,
    },
    warnings: describeWarnings(good, probe.isUnsettled ? null : probe, now),
    ...(told && {
      kubernetesVersion: told.kubernetesVersion,
      clusterUid: told.uid,
      clusterIdentity: identityOf({ uid: told.uid, place: placeOf(good.credential) }),
      apiGroup: told.apiGroup,
    }),
    ...(isResting && { apiGroup: null }),
  }
}

function joinTroubles({
  peopleTrouble,
  trouble,
}: Pick<Entry, 'trouble' | 'peopleTrouble'>): string | null {
  const troubles = [trouble, peopleTrouble].filter((each) => each !== null)
  return troubles.length === 0 ? null : troubles.join(' ')
}

/** What a cluster that is starting is taken for: what it was; but nothing is read where it does not say that it is it. */
function whileStarting({ settled }: Pick<Entry, 'settled'>, facts: ClusterFacts): ClusterFacts {
  const apiGroup = facts.uid === null ? null : (facts.apiGroup ?? settled?.apiGroup ?? null)
  return { ...facts, uid: facts.uid ?? settled?.uid ?? null, apiGroup }
}
