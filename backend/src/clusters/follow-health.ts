import type { Clock } from '#context'
import type { Transport } from '#kube'
import type { Logger } from '#log'
import { placeOf, type ClusterIdentities } from './cluster-identities.ts'
import { describeSilence } from './describe-health.ts'
import type { Entries } from './entries.ts'
import type { Entry } from './entry.ts'
import { tellProbe } from './tell-probe.ts'
import type { Probe } from './watch-health.ts'

/** Makes of what probes and readers found out what is told of an instance. */
export type HealthFollower = {
  /** Decides whether it is the cluster that the name stands for before anything of it is told. */
  judge(id: string, transport: Transport, probe: Probe): Promise<void>
  tellSilence(id: string, transport: Transport): void
  /** As of the latest probe, if there was one. */
  tellAnew(entry: Entry): void
}

export function createHealthFollower(options: {
  entries: Entries
  identities: ClusterIdentities
  /** Filled and emptied here. */
  resting: Set<string>
  now: Clock
  log: Logger
}): HealthFollower {
  const { entries, identities, log, now, resting } = options

  const judge = async (id: string, transport: Transport, probe: Probe) => {
    const entry = entries.get(id)
    // A probe that failed says nothing of which cluster it is, for better or worse.
    if (!entry?.good || probe.facts === null) return update(id, transport, probe)
    // Nor does one of a cluster that is starting: until it says what it is, nothing there is read or changed.
    if (probe.isUnsettled && probe.facts.uid === null) return update(id, transport, probe)
    const sight = { uid: probe.facts.uid, place: placeOf(entry.good.credential) }
    const isSame = await identities.check(id, sight)
    if (entries.get(id)?.instance.transport !== transport) return
    if (!isSame && !resting.has(id) && !identities.unanswered.has(id)) {
      log.warn({ instance: id, ...sight }, 'another cluster may stand behind the instance')
    }
    if (isSame) resting.delete(id)
    else resting.add(id)
    update(id, transport, probe)
  }

  const update = (id: string, transport: Transport, probe: Probe) => {
    const entry = entries.get(id)
    if (!entry?.good || entry.instance.transport !== transport) return
    const { good } = entry
    const { state: from } = entry.instance.status
    const instance = tellProbe({ ...entry, good }, probe, {
      isResting: resting.has(id),
      isUnanswered: identities.unanswered.has(id),
      now: now(),
    })
    const { reason, state } = instance.status
    if (state !== from) {
      log.info({ instance: id, state, reason, from }, 'instance state')
      if (probe.error) log.debug({ instance: id, error: probe.error }, 'probe failed')
    }
    entry.lastProbe = probe
    if (probe.facts) entry.isReloaded = false
    if (probe.facts && !probe.isUnsettled) entry.settled = probe.facts
    entries.change(entry, instance)
  }

  return {
    judge,
    tellSilence: (id, transport) => {
      const entry = entries.get(id)
      if (entry?.instance.transport !== transport) return
      const { instance } = entry
      const { reason, state } = describeSilence(id)
      const since = state === instance.status.state ? instance.status.since : now().toISOString()
      log.info({ instance: id }, 'the cluster does not answer just now')
      entries.change(entry, { ...instance, status: { ...instance.status, state, reason, since } })
    },
    tellAnew: ({ instance: { id, transport }, lastProbe }) => {
      if (lastProbe) update(id, transport, lastProbe)
    },
  }
}
