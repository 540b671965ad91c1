import { readFileSync } from 'node:fs'
import type { AccessMode, InstanceStatus } from '@hub/shared'
import type { AccessModes } from '#config'
import type { Clock } from '#context'
import type { Database } from '#db'
import {
  createKubeconfigReader,
  createResolve,
  createTransport,
  loadKubeconfig,
  sleep,
  systemTiming,
  type ApiGroup,
  type ClusterCredential,
  type ClusterFacts,
  type ExecOptions,
  type KubeconfigPolicy,
  type ParsedKubeconfig,
  type Timing,
  type Transport,
} from '#kube'
import type { Logger } from '#log'
import { createClusterIdentities, identityOf, placeOf } from './cluster-identities.ts'
import {
  CredentialsDirectory,
  type CredentialFile,
  type GoodCredential,
  type RejectedCredential,
} from './credentials-directory.ts'
import { createContextSource } from './context-source.ts'
import { createDirectorySource } from './directory-source.ts'
import {
  createDescriptorShares,
  describeShortage,
  planDescriptors,
  type DescriptorPlan,
} from './descriptors.ts'
import { describeExpiry } from './describe-expiry.ts'
import { describeHealth, describeSilence } from './describe-health.ts'
import { tellFailures } from './tell-failures.ts'
import { repeatRefused, type FindNewer } from './repeat-refused.ts'
import { watchHealth, type HealthWatch, type Probe } from './watch-health.ts'

/**
 * An instance as it was when it was asked for. It never changes: ask again, or listen, for what is true later. Its
 * transport serves until the credential is replaced, and lets what is in flight then finish.
 */
export type ClusterInstance = {
  readonly id: string
  readonly status: InstanceStatus
  readonly accessMode: AccessMode
  readonly kubernetesVersion: string | null
  /** Null while nothing there may be read or changed: it is not known yet, not installed, or rests. */
  readonly apiGroup: ApiGroup | null
  /** What the cluster is, whatever its name; null until it was read or where it may not be. */
  readonly clusterUid: string | null
  /** The cluster as far as it can be told from others: its uid, or where it answers; null until it did. */
  readonly clusterIdentity: string | null
  /** The namespace that the credential's context names. */
  readonly contextNamespace: string | null
  /** What is odd about the credential, for administrators. */
  readonly warnings: readonly string[]
  readonly transport: Transport
}

export type InstancesChange =
  | { type: 'upsert'; instance: ClusterInstance }
  | { type: 'remove'; id: string }

export type InstancesOptions = {
  directory: string
  /** In local mode: the kubeconfigs whose contexts are the instances, in place of the directory. */
  kubeconfigs?: readonly string[]
  policy: KubeconfigPolicy
  /** What the programs of `exec` entries see of the environment; nothing by default. */
  execEnvironment?: ExecOptions['environment']
  /** `service` for all by default. */
  accessModes?: AccessModes
  /** Remembers which cluster stands behind each name; without, that ends with this process. */
  db?: Database
  /** How many connections there may be; without, as many as the system lets. */
  descriptors?: DescriptorPlan
  log: Logger
  now: Clock
  timing?: Timing
  rescanMs?: number
  probeIntervalMs?: number
  probeTimeoutMs?: number
}

export type Instances = {
  /** Resolves when every credential that is there was read and registered, whether or not its cluster answers. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Sorted by id. */
  list(): ClusterInstance[]
  find(id: string): ClusterInstance | null
  /** Returns the way to stop listening. */
  onChange(listener: (change: InstancesChange) => void): () => void
  rejected(): RejectedCredential[]
  /** Every file of the credentials directory that is a credential, or was meant to be. */
  credentials(): CredentialFile[]
  /** Resolves when the credentials directory was read again. */
  rescan(): Promise<void>
  /** What would become of a kubeconfig that comes by itself: it may name no file. */
  read(kubeconfig: string): Promise<ParsedKubeconfig>
  /** Instances that lead to another cluster than before, until an administrator confirms; always as of now. */
  resting: ReadonlySet<string>
  /** Those of them of which the hub's database has not answered whether they do. */
  unanswered: ReadonlySet<string>
  /** Instances on which the hub acts for people (`impersonate`); always as of now. */
  impersonated: ReadonlySet<string>
  /** That cluster is confirmed, and durably so. */
  accept(id: string, clusterIdentity: string): void
  /** Why the credentials directory itself cannot be read; null when it can. */
  problem(): string | null
  /** Asks the cluster soon: something just failed there, or is heard again. `isLost`: nobody was there to answer. */
  probe(id: string, what?: { isLost: boolean }): void
  /** What does not work on a cluster that answers, as its reader found out: it is degraded then. Null when all does. */
  report(id: string, trouble: string | null): void
  /** That the hub may not act for people there, as who asked for one found out. */
  reportPeople(id: string, trouble: string | null): void
}

type Entry = {
  instance: ClusterInstance
  /** Its transport, as it asks but once. */
  once: Transport
  good: GoodCredential
  health: HealthWatch
  lastProbe: Probe | null
  /** What the cluster said when it last had settled. */
  settled: Pick<ClusterFacts, 'apiGroup' | 'uid'> | null
  /** The credential was read anew since the cluster refused it; once is enough until one is good. */
  isReloaded: boolean
  trouble: string | null
  peopleTrouble: string | null
}

/** What a refused request waits for a newer credential. */
const renewalWaitMs = 5_000

const parkedToldAfterMs = 1_000

/** The registry of instances: what the credentials directory holds, and how each cluster does. */
export function createInstances(options: InstancesOptions): Instances {
  const { log, now, policy, timing = systemTiming } = options
  const version = readVersion()
  const entries = new Map<string, Entry>()
  const listeners = new Set<(change: InstancesChange) => void>()
  const closing = new Set<Promise<void>>()
  /** Credentials that are being read anew, by instance. */
  const reloads = new Map<string, Promise<void>>()
  const resting = new Set<string>()
  const impersonated = new Set<string>()
  const modes: AccessModes = options.accessModes ?? { instances: new Map(), fallback: 'service' }
  const resolve = createResolve(timing)
  const reader = createKubeconfigReader()
  const plan = options.descriptors ?? planDescriptors(null)
  const shares = createDescriptorShares(plan)
  /** Instances that the hub has no connections for, in the order they came. */
  const parked = new Map<string, GoodCredential>()
  let parkTimer: unknown = null
  const identities = createClusterIdentities({ db: options.db ?? null, now, log })

  const emit = (change: InstancesChange) => {
    for (const listener of listeners) {
      try {
        listener(change)
      } catch (error) {
        log.error({ error }, 'a listener to instances failed')
      }
    }
  }

  const retire = (entry: Entry, closeOptions?: { graceMs: number }) => {
    entry.health.stop()
    const closed = entry.instance.transport
      .close(closeOptions)
      .finally(() => closing.delete(closed))
    closing.add(closed)
  }

  const register = (id: string, good: GoodCredential) => {
    const previous = entries.get(id)
    if (previous && isWell(previous) && previous.instance.transport.renew(good.credential)) {
      renewInPlace(id, previous, good)
      return
    }
    const once = createTransport(good.credential, {
      version,
      addresses: policy,
      resolve,
      timing,
      sockets: shares.socketsOf(id),
      ...(plan.requestsMax !== null && {
        // What passes through takes the one connection that watches and requests leave.
        limits: { connections: plan.requestsMax, passages: 1 },
      }),
    })
    const asked = repeatRefused(once, good.credential, (refused, request) =>
      findNewer(id, refused, request),
    )
    const transport = tellFailures(asked, () => {
      const entry = entries.get(id)
      if (entry?.instance.transport === transport && isUp(entry)) health.probe({ isLost: true })
    })
    // A renewed credential for the same place changes nothing that is known of it; the probe that follows would tell.
    const known =
      previous && isSamePlace(previous.good.credential, good.credential) ? previous.instance : null
    const isParked = !shares.admit(id)
    const instance: ClusterInstance = {
      id,
      status: (isParked ? describeParked(id) : known?.status) ?? {
        state: 'connecting',
        reason: null,
        since: now().toISOString(),
        lastSeenAt: previous?.instance.status.lastSeenAt ?? null,
      },
      accessMode: modes.instances.get(id) ?? modes.fallback,
      kubernetesVersion: previous?.instance.kubernetesVersion ?? null,
      apiGroup: known?.apiGroup ?? null,
      clusterUid: known?.clusterUid ?? null,
      clusterIdentity: known?.clusterIdentity ?? null,
      contextNamespace: good.namespace,
      warnings: describeWarnings(id, good, null),
      transport,
    }
    const watch = isParked ? watchNothing : watchHealth
    const health = watch({
      transport: asked,
      timing,
      intervalMs: options.probeIntervalMs ?? 30_000,
      timeoutMs: options.probeTimeoutMs ?? 10_000,
      heardAt: transport.heardAt,
      known: () => entries.get(id)?.settled ?? { apiGroup: null, uid: null },
      onSilent: () => tellSilence(id, transport),
      onProbe: (probe) => void judge(id, transport, probe),
    })
    if (instance.accessMode === 'impersonate') impersonated.add(id)
    const isReloaded = previous?.isReloaded ?? false
    entries.set(id, {
      instance,
      once,
      good,
      health,
      lastProbe: null,
      settled: known && previous ? previous.settled : null,
      isReloaded,
      trouble: null,
      peopleTrouble: null,
    })
    if (isParked) park(id, good)
    else parked.delete(id)
    emit({ type: 'upsert', instance })
    if (previous) retire(previous)
  }

  const describeParked = (id: string): InstanceStatus => ({
    state: 'degraded',
    reason: `Instance "${id}" is not watched: ${describeShortage(plan, countWanted(id))}.`,
    since: now().toISOString(),
    lastSeenAt: null,
  })

  /** With the one that is just coming. */
  const countWanted = (id: string) => entries.size + (entries.has(id) ? 0 : 1)

  const park = (id: string, good: GoodCredential) => {
    parked.set(id, good)
    // Hundreds of files that come at once are told of once, with how many they are in the end.
    parkTimer ??= timing.setTimeout(tellParked, parkedToldAfterMs)
  }

  const tellParked = () => {
    parkTimer = null
    if (parked.size === 0) return
    log.warn(
      { instances: [...parked.keys()] },
      `some instances are not watched: ${describeShortage(plan, entries.size)}`,
    )
    for (const id of parked.keys()) {
      const entry = entries.get(id)
      if (!entry) continue
      const { reason } = describeParked(id)
      entry.instance = { ...entry.instance, status: { ...entry.instance.status, reason } }
      emit({ type: 'upsert', instance: entry.instance })
    }
  }

  /** Somebody's share is free. */
  const unpark = () => {
    const [next] = parked
    if (next) register(...next)
  }

  /** Only the token is new: connections and watches stay, and the next probe tries it at once. */
  const renewInPlace = (id: string, entry: Entry, good: GoodCredential) => {
    entry.good = good
    entry.instance = {
      ...entry.instance,
      contextNamespace: good.namespace,
      warnings: describeWarnings(id, good, entry.lastProbe),
    }
    emit({ type: 'upsert', instance: entry.instance })
    entry.health.probe()
  }

  /** Resolves when the credential was read anew, if it is worth it. */
  const reload = async (id: string) => {
    const entry = entries.get(id)
    if (!entry || entry.isReloaded) return reloads.get(id)
    entry.isReloaded = true
    log.info({ instance: id }, 'the cluster refused the credential, which is read again')
    const reloaded = directory.reload(id).finally(() => reloads.delete(id))
    reloads.set(id, reloaded)
    return reloaded
  }

  const findNewer = async (
    id: string,
    refused: ClusterCredential,
    { isProbe, signal, timeoutMs = renewalWaitMs }: Parameters<FindNewer>[1],
  ) => {
    const isRefused = () => entries.get(id)?.good.credential === refused
    const reloaded = isRefused() ? reload(id) : null
    // A new credential is probed anyhow.
    if (isProbe) return null
    if (reloaded) {
      const signals = signal ? [signal] : []
      const waitMs = Math.min(timeoutMs, renewalWaitMs)
      await Promise.race([reloaded, sleep(timing, waitMs, ...signals)])
    }
    const entry = entries.get(id)
    if (!entry || isRefused() || signal?.aborted) return null
    // Meant for one cluster, it must not reach another of the same name.
    return isSamePlace(refused, entry.good.credential) ? entry.once : null
  }

  /** Decides whether it is the cluster that the name stands for before anything of it is told. */
  const judge = async (id: string, transport: Transport, probe: Probe) => {
    const entry = entries.get(id)
    // A probe that failed says nothing of which cluster it is, for better or worse.
    if (!entry || probe.facts === null) return update(id, transport, probe)
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
    if (entry?.instance.transport !== transport) return
    const { instance } = entry
    const isResting = resting.has(id)
    const { unanswered } = identities
    const { state, reason } =
      isResting && probe.facts
        ? {
            state: 'degraded' as const,
            reason: describeRest(id, probe.facts.uid, unanswered.has(id)),
          }
        : describeHealth(id, probe, joinTroubles(entry))
    const at = now().toISOString()
    const answered = probe.error === null || probe.error.status !== null
    if (state !== instance.status.state) {
      log.info({ instance: id, state, reason, from: instance.status.state }, 'instance state')
      if (probe.error) log.debug({ instance: id, error: probe.error }, 'probe failed')
    }
    entry.lastProbe = probe
    if (probe.facts) entry.isReloaded = false
    if (probe.facts && !probe.isUnsettled) entry.settled = probe.facts
    const told =
      probe.facts && (probe.isUnsettled ? whileStarting(entry, probe.facts) : probe.facts)
    entry.instance = {
      ...instance,
      status: {
        state,
        reason,
        since: state === instance.status.state ? instance.status.since : at,
        lastSeenAt: answered ? at : instance.status.lastSeenAt,
      },
      warnings: describeWarnings(id, entry.good, probe.isUnsettled ? null : probe),
      ...(told && {
        kubernetesVersion: told.kubernetesVersion,
        clusterUid: told.uid,
        clusterIdentity: identityOf({ uid: told.uid, place: placeOf(entry.good.credential) }),
        apiGroup: told.apiGroup,
      }),
      ...(isResting && { apiGroup: null }),
    }
    emit({ type: 'upsert', instance: entry.instance })
  }

  const tellSilence = (id: string, transport: Transport) => {
    const entry = entries.get(id)
    if (entry?.instance.transport !== transport) return
    const { instance } = entry
    const { reason, state } = describeSilence(id)
    const since = state === instance.status.state ? instance.status.since : now().toISOString()
    log.info({ instance: id }, 'the cluster does not answer just now')
    entry.instance = { ...instance, status: { ...instance.status, state, reason, since } }
    emit({ type: 'upsert', instance: entry.instance })
  }

  const describeWarnings = (id: string, good: GoodCredential, probe: Probe | null): string[] => {
    const { isTokenRenewed: isRenewed, lifetimes } = good
    const isUnknown = probe?.facts?.uid === null
    return [
      ...good.warnings,
      ...describeExpiry(lifetimes, { isRenewed, now: now() }),
      ...(isUnknown
        ? [
            'The credential may not read the namespace "kube-system", so the hub knows the cluster by its address and certificate authority alone: when one of them changes, the instance rests until you confirm. Allow it to.',
          ]
        : []),
    ]
  }

  const remove = (id: string) => {
    const entry = entries.get(id)
    if (!entry) return
    entries.delete(id)
    resting.delete(id)
    impersonated.delete(id)
    parked.delete(id)
    shares.release(id)
    emit({ type: 'remove', id })
    retire(entry)
    unpark()
  }

  const directory = new CredentialsDirectory({
    source: options.kubeconfigs
      ? createContextSource(options.kubeconfigs, policy, reader)
      : createDirectorySource(options.directory, policy, reader),
    execEnvironment: options.execEnvironment ?? {},
    log,
    now,
    timing,
    rescanMs: options.rescanMs ?? (options.kubeconfigs ? 1_000 : 30_000),
    onCredential: register,
    onRemoved: remove,
  })

  return {
    start: async () => {
      await identities.load()
      await directory.start()
      const { directory: path, kubeconfigs } = options
      log.info(
        { ...(kubeconfigs ? { kubeconfigs } : { directory: path }), instances: entries.size },
        'instances registered',
      )
    },
    stop: async () => {
      timing.clearTimeout(parkTimer)
      await directory.stop()
      for (const entry of entries.values()) retire(entry, { graceMs: 2_000 })
      entries.clear()
      await Promise.allSettled(closing)
    },
    list: () =>
      [...entries.values()]
        .map(({ instance }) => instance)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    find: (id) => entries.get(id)?.instance ?? null,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    rejected: () => directory.rejected(),
    credentials: () => directory.files(),
    rescan: () => directory.rescan(),
    read: async (text) => (await loadKubeconfig(text, { reader, policy, files: 'none' })).parsed,
    resting,
    unanswered: identities.unanswered,
    impersonated,
    accept: (id, clusterIdentity) => {
      identities.accept(id, clusterIdentity)
      const entry = entries.get(id)
      if (!entry?.lastProbe || entry.instance.clusterIdentity !== clusterIdentity) return
      resting.delete(id)
      update(id, entry.instance.transport, entry.lastProbe)
    },
    problem: () => directory.problem(),
    probe: (id, what) => entries.get(id)?.health.probe(what),
    report: (id, trouble) => {
      const entry = entries.get(id)
      if (!entry || entry.trouble === trouble) return
      entry.trouble = trouble
      if (entry.lastProbe) update(id, entry.instance.transport, entry.lastProbe)
    },
    reportPeople: (id, trouble) => {
      const entry = entries.get(id)
      if (!entry || entry.peopleTrouble === trouble) return
      entry.peopleTrouble = trouble
      if (entry.lastProbe) update(id, entry.instance.transport, entry.lastProbe)
    },
  }
}

function joinTroubles({ peopleTrouble, trouble }: Entry): string | null {
  const troubles = [trouble, peopleTrouble].filter((each) => each !== null)
  return troubles.length === 0 ? null : troubles.join(' ')
}

/** What a cluster that is starting is taken for: what it was; but nothing is read where it does not say that it is it. */
function whileStarting({ settled }: Entry, facts: ClusterFacts): ClusterFacts {
  const apiGroup = facts.uid === null ? null : (facts.apiGroup ?? settled?.apiGroup ?? null)
  return { ...facts, uid: facts.uid ?? settled?.uid ?? null, apiGroup }
}

/** Of a cluster that is not to be dialled. */
function watchNothing(): HealthWatch {
  return { probe: () => {}, stop: () => {} }
}

function describeRest(id: string, uid: string | null, isUnanswered: boolean): string {
  if (isUnanswered) {
    return `Whether instance "${id}" leads to the cluster from before could not be looked up in the hub's database, so nobody but administrators sees it and the hub reads nothing there. It is looked up again in a moment.`
  }
  const why =
    uid === null
      ? 'leads to a cluster that the hub cannot tell from another: its credential may not read the namespace "kube-system" there, which could be read before'
      : 'leads to another cluster than before'
  const fix =
    uid === null
      ? 'Allow the credential to get that namespace, confirm that this cluster is meant, or replace the credential.'
      : 'Confirm that this is meant, or replace its credential.'
  return `Instance "${id}" ${why}, so nobody but administrators sees it and the hub reads nothing there. ${fix}`
}

/** Watches that were refused wait for long: a credential that heals them starts them anew. */
function isWell({ instance }: Entry): boolean {
  return instance.status.state === 'ready'
}

function isUp({ instance: { status } }: Entry): boolean {
  return ['ready', 'degraded', 'no-crd'].includes(status.state)
}

/** The same address behind the same authority: TLS vouches that it is the same cluster. */
function isSamePlace(a: ClusterCredential, b: ClusterCredential): boolean {
  return (
    a.server === b.server &&
    a.ca === b.ca &&
    a.tlsServerName === b.tlsServerName &&
    a.verifyTls &&
    b.verifyTls
  )
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
