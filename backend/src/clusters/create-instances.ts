import type { AccessModes } from '#config'
import type { Clock } from '#context'
import type { Database } from '#db'
import {
  createKubeconfigReader,
  createResolve,
  loadKubeconfig,
  systemTiming,
  type ExecOptions,
  type KubeconfigPolicy,
  type KubeconfigReader,
  type ParsedKubeconfig,
  type Timing,
} from '#kube'
import type { Logger } from '#log'
import { createClusterIdentities } from './cluster-identities.ts'
import type { ClusterInstance, InstancesChange } from './cluster-instance.ts'
import { createConnect } from './connect-cluster.ts'
import { createContextSource } from './context-source.ts'
import {
  CredentialsDirectory,
  type CredentialFile,
  type CredentialsDirectoryOptions,
  type RejectedCredential,
} from './credentials-directory.ts'
import { createDescriptorShares, planDescriptors, type DescriptorPlan } from './descriptors.ts'
import { createDirectorySource } from './directory-source.ts'
import { createEntries, type Entries } from './entries.ts'
import { isUp } from './entry.ts'
import { createHealthFollower, type HealthFollower } from './follow-health.ts'
import { createParking, type Parking } from './park-instances.ts'
import { createRegistration, findAccess } from './register-credential.ts'
import { createRenewals } from './renew-refused.ts'
import { enterWithout } from './without-credential.ts'

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
  /** Calls of models that may be open to one cluster. */
  modelCallsMax?: number
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
  /** Instances that are asked as the caller, whoever that is to them; always as of now. */
  personal: ReadonlySet<string>
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

/** The registry of instances: what the credentials directory holds, and how each cluster does. */
export function createInstances(options: InstancesOptions): Instances {
  const { log, now, policy, timing = systemTiming } = options
  const reader = createKubeconfigReader()
  const plan = options.descriptors ?? planDescriptors(null)
  const shares = createDescriptorShares(plan)
  const entries = createEntries(log)
  const resting = new Set<string>()
  const personal = new Set<string>()
  const identities = createClusterIdentities({ db: options.db ?? null, now, log })
  const health = createHealthFollower({ entries, identities, resting, now, log })
  const parking = openParking({ entries, plan, timing, now, log })
  const findNewer = createRenewals({
    find: entries.get,
    reload: (id) => directory.reload(id),
    timing,
    log,
  })
  const { accessModes: modes, modelCallsMax } = options
  const resolve = createResolve(timing)
  const connect = createConnect({ plan, policy, resolve, timing, modelCallsMax })
  const registration = createRegistration({
    entries,
    health,
    parking,
    shares,
    connect: (id, { credential }) =>
      connect(credential, {
        sockets: shares.socketsOf(id),
        findNewer: findNewer(id),
        onLost: (transport) => {
          const entry = entries.get(id)
          if (entry?.instance.transport === transport && isUp(entry)) {
            entry.health.probe({ isLost: true })
          }
        },
      }),
    modes,
    personal,
    resting,
    now,
    timing,
    probeIntervalMs: options.probeIntervalMs ?? 30_000,
    probeTimeoutMs: options.probeTimeoutMs ?? 10_000,
  })
  const directory = openDirectory(options, reader, {
    usedAt: (id) => entries.get(id)?.usedAt() ?? Number.NEGATIVE_INFINITY,
    instancesMax: plan.instancesMax,
    onCredential: registration.register,
    // What was never an instance is no more than a file.
    onRefused: (id) =>
      identities.has(id) && entries.put(enterWithout(id, findAccess(modes, id), now())),
    onRemoved: registration.remove,
  })

  return {
    start: async () => {
      await identities.load()
      await directory.start()
      const { directory: path, kubeconfigs } = options
      log.info(
        { ...(kubeconfigs ? { kubeconfigs } : { directory: path }), instances: entries.size() },
        'instances registered',
      )
    },
    stop: async () => {
      parking.stop()
      await directory.stop()
      for (const entry of entries.values()) registration.retire(entry, { graceMs: 2_000 })
      entries.clear()
      await registration.closed()
    },
    ...lookAt(entries, health),
    rejected: () => directory.rejected(),
    credentials: () => directory.files(),
    rescan: () => directory.rescan(),
    problem: () => directory.problem(),
    read: async (text) => (await loadKubeconfig(text, { reader, policy, files: 'none' })).parsed,
    resting,
    unanswered: identities.unanswered,
    personal,
    accept: (id, clusterIdentity) => {
      identities.accept(id, clusterIdentity)
      const entry = entries.get(id)
      if (!entry?.lastProbe || entry.instance.clusterIdentity !== clusterIdentity) return
      resting.delete(id)
      health.tellAnew(entry)
    },
  }
}

function openParking({
  entries,
  ...options
}: Pick<InstancesOptions, 'now' | 'log'> & {
  entries: Entries
  plan: DescriptorPlan
  timing: Timing
}): Parking {
  return createParking({
    ...options,
    count: entries.size,
    onReason: (id, reason) => {
      const entry = entries.get(id)
      if (!entry) return
      const { instance } = entry
      entries.change(entry, { ...instance, status: { ...instance.status, reason } })
    },
  })
}

/** What is asked and told of instances that are there. */
function lookAt(
  entries: Entries,
  health: HealthFollower,
): Pick<Instances, 'list' | 'find' | 'onChange' | 'probe' | 'report' | 'reportPeople'> {
  const note = (id: string, of: 'trouble' | 'peopleTrouble', trouble: string | null) => {
    const entry = entries.get(id)
    if (!entry || entry[of] === trouble) return
    entry[of] = trouble
    health.tellAnew(entry)
  }
  return {
    list: () =>
      [...entries.values()]
        .map(({ instance }) => instance)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    find: (id) => entries.get(id)?.instance ?? null,
    onChange: entries.onChange,
    probe: (id, what) => entries.get(id)?.health.probe(what),
    report: (id, trouble) => note(id, 'trouble', trouble),
    reportPeople: (id, trouble) => note(id, 'peopleTrouble', trouble),
  }
}

function openDirectory(
  options: InstancesOptions,
  reader: KubeconfigReader,
  follow: Pick<
    CredentialsDirectoryOptions,
    'usedAt' | 'instancesMax' | 'onCredential' | 'onRefused' | 'onRemoved'
  >,
): CredentialsDirectory {
  const { kubeconfigs, log, now, policy, timing = systemTiming } = options
  return new CredentialsDirectory({
    source: kubeconfigs
      ? createContextSource(kubeconfigs, policy, reader)
      : createDirectorySource(options.directory, policy, reader),
    execEnvironment: options.execEnvironment ?? {},
    log,
    now,
    timing,
    rescanMs: options.rescanMs ?? (kubeconfigs ? 1_000 : 30_000),
    ...follow,
  })
}
