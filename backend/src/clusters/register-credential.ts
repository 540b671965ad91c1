import { isDeepStrictEqual } from 'node:util'
import { serviceAccess, type AccessModes } from '#config'
import type { Clock } from '#context'
import { countFormer, type Timing } from '#kube'
import { isSamePlace } from './cluster-identities.ts'
import type { ClusterInstance } from './cluster-instance.ts'
import type { Connection } from './connect-cluster.ts'
import type { GoodCredential } from './credentials-directory.ts'
import type { DescriptorShares } from './descriptors.ts'
import { describeWarnings } from './describe-warnings.ts'
import type { Entries } from './entries.ts'
import { isRenewable, type Entry } from './entry.ts'
import type { HealthFollower } from './follow-health.ts'
import type { Parking } from './park-instances.ts'
import { createTurns } from './take-turns.ts'
import { watchHealth, watchNothing, type HealthWatch } from './watch-health.ts'

/** Makes an instance of a credential, and an instance that is there go on with a newer one. */
export type Registration = {
  register(id: string, good: GoodCredential): void
  remove(id: string): void
  /** Lets what is in flight finish. */
  retire(entry: Entry, options?: { graceMs: number }): void
  /** Resolves when all that was retired is closed. */
  closed(): Promise<unknown>
}

export type RegistrationOptions = {
  entries: Entries
  health: HealthFollower
  parking: Parking
  shares: DescriptorShares
  connect: (id: string, good: GoodCredential) => Connection
  /** `service` for all by default. */
  modes: AccessModes | undefined
  /** Filled and emptied here. */
  personal: Set<string>
  /** Emptied here of who goes. */
  resting: Set<string>
  now: Clock
  timing: Timing
  probeIntervalMs: number
  probeTimeoutMs: number
}

/** How many new credentials are tried at once, and how long one that gets no answer keeps others from theirs. */
const trials = { atOnce: 16, heldMs: 1_000 }

export function createRegistration(options: RegistrationOptions): Registration {
  const { entries, health, personal, modes, now, parking, resting, shares } = options
  const { closed, retire } = createRetirement()
  const takeTurn = createTurns({ ...trials, timing: options.timing })

  const startHealth = (id: string, { asked, transport }: Connection): HealthWatch =>
    watchHealth({
      transport: asked,
      timing: options.timing,
      intervalMs: options.probeIntervalMs,
      timeoutMs: options.probeTimeoutMs,
      heardAt: transport.heardAt,
      known: () => entries.get(id)?.settled ?? { apiGroup: null, uid: null },
      countFormer: (signal) => countFormer(asked, { signal }),
      takeTurn,
      onSilent: () => health.tellSilence(id, transport),
      onProbe: (probe) => void health.judge(id, transport, probe),
    })

  const register = (id: string, good: GoodCredential) => {
    const previous = entries.get(id)
    if (previous && isRenewable(previous) && previous.instance.transport.renew(good.credential)) {
      return renewInPlace(entries, previous, good, now())
    }
    const connection = options.connect(id, good)
    // A renewed credential for the same place changes nothing that is known of it; the probe that follows would tell.
    const isSame = previous?.good != null && isSamePlace(previous.good.credential, good.credential)
    const isParked = !shares.admit(id)
    const access = findAccess(modes, id)
    if (access.accessMode !== 'service') personal.add(id)
    const entry: Entry = {
      instance: {
        ...begin(id, previous?.instance, { isSame, now: now() }),
        ...(isParked && { status: parking.describe(id, countWith(id)) }),
        ...access,
        ...describePlace(good),
        warnings: describeWarnings(good, null, now()),
        transport: connection.transport,
      },
      once: connection.once,
      usedAt: connection.usedAt,
      good,
      health: isParked ? watchNothing() : startHealth(id, connection),
      lastProbe: null,
      settled: isSame ? previous.settled : null,
      isReloaded: previous?.isReloaded ?? false,
      trouble: null,
      peopleTrouble: null,
    }
    if (isParked) parking.add(id, good)
    else parking.remove(id)
    entries.put(entry)
    if (previous) retire(previous)
  }

  /** With the one that is just coming. */
  const countWith = (id: string) => entries.size() + (entries.get(id)?.good ? 0 : 1)

  return {
    register,
    remove: (id) => {
      const entry = entries.get(id)
      if (!entry) return
      resting.delete(id)
      personal.delete(id)
      parking.remove(id)
      shares.release(id)
      entries.remove(id)
      retire(entry)
      // Somebody's share is free.
      const next = parking.next()
      if (next) register(...next)
    },
    retire,
    closed,
  }
}

/** Only the token is new: connections and watches stay, and it is tried when it is its turn. */
function renewInPlace(entries: Entries, entry: Entry, good: GoodCredential, now: Date): void {
  entry.good = good
  const { contextNamespace, warnings } = entry.instance
  const told = {
    contextNamespace: good.namespace,
    warnings: describeWarnings(good, entry.lastProbe, now),
  }
  if (!isDeepStrictEqual(told, { contextNamespace, warnings })) {
    entries.change(entry, { ...entry.instance, ...told })
  }
  entry.health.tryCredential()
}

export function findAccess(
  modes: AccessModes | undefined,
  id: string,
): Pick<ClusterInstance, 'accessMode' | 'rights'> {
  const { mode, rights } = modes?.instances.get(id) ?? modes?.fallback ?? serviceAccess
  return { accessMode: mode, rights }
}

/** Lets go of instances, and of the ways to them when what is in flight has come to its end. */
function createRetirement(): Pick<Registration, 'retire' | 'closed'> {
  const closing = new Set<Promise<void>>()
  return {
    retire: (entry, options) => {
      entry.health.stop()
      const closed = entry.instance.transport.close(options).finally(() => closing.delete(closed))
      closing.add(closed)
    },
    closed: () => Promise.allSettled(closing),
  }
}

/** What is known of an instance before a probe with its new credential. */
function begin(
  id: string,
  previous: ClusterInstance | undefined,
  { isSame, now }: { isSame: boolean; now: Date },
) {
  return {
    id,
    status: (isSame ? previous?.status : undefined) ?? {
      state: 'connecting' as const,
      reason: null,
      since: now.toISOString(),
      lastSeenAt: previous?.status.lastSeenAt ?? null,
    },
    kubernetesVersion: previous?.kubernetesVersion ?? null,
    apiGroup: (isSame && previous?.apiGroup) || null,
    clusterUid: (isSame && previous?.clusterUid) || null,
    clusterIdentity: (isSame && previous?.clusterIdentity) || null,
  }
}

function describePlace({
  credential: { ca, server, tlsServerName },
  namespace,
}: GoodCredential): Pick<ClusterInstance, 'endpoint' | 'contextNamespace'> {
  return { endpoint: { server, ca, tlsServerName }, contextNamespace: namespace }
}
