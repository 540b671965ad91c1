import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createConfigFileJobs,
  createConfigured,
  createGrantEndsJob,
  createGrantedNamespaces,
  findTeam,
} from '#access'
import { createRetentionJob, createSettlingJob, signAuditLines } from '#audit'
import { createInstances, settleCredentials, type DescriptorPlan, type Instances } from '#clusters'
import { followConfigFile, type Config } from '#config'
import { deleteExpiredConfirmations } from '#confirmations'
import type { Clock, Job } from '#context'
import { createLeases, deleteOldChanges, type Database, type Leases } from '#db'
import {
  askRange,
  createFleetMetricsJob,
  createHistorySweep,
  createMetricsWatch,
  settleAttempts,
} from '#deployments'
import { createFleet, createFleetHistory, type Fleet, type FleetDeployment } from '#fleet'
import { createGroupSyncJob } from '#group-sync'
import { deleteEndedMaintenance } from '#instances'
import { sleep, systemTiming } from '#kube'
import type { CliSource } from '#http'
import { deleteExpiredKeys } from '#operation'
import type { Logger } from '#log'
import { createProfileCheck } from '#own-tokens'
import { createDirectRoutes, createPrometheus } from '#serving'
import { createSweepJob, deleteExpiredSessions } from '#sessions'
import { deleteExpiredCodes } from '#setup'
import { deleteExpiredLogins } from '#sign-in'
import { deleteExpiredTokens } from '#tokens'
import { createTelemetry } from '#telemetry'
import { createGpuTimeJob, createUsage, deleteOldUsage } from '#usage'
import { joinAccessChanges } from './access-changes.ts'
import { createApp } from './app.ts'
import { createAuth } from './create-auth.ts'
import { createGovernance } from './create-governance.ts'
import { awaitClusters } from './await-clusters.ts'
import { runJobs, type RunningJobs } from './run-jobs.ts'

export type HubOptions = {
  config: Config
  /** Stays open when the hub stops. */
  db: Database
  log: Logger
  now: Clock
  fetch: typeof fetch
  /** How many connections to clusters there may be; without, as many as the system lets. */
  descriptors?: DescriptorPlan
  /** The folder of the built portal. */
  portalDirectory: string
  /** Where kubectl's plugin is. */
  cli: CliSource
}

export type Hub = {
  app: ReturnType<typeof createApp>
  instances: Instances
  fleet: Fleet
  /** What lets the person in, in local mode. */
  localSecret: string | null
  /** How the background's work went; null until it begins. */
  jobs(): RunningJobs | null
  /** Resolves when every credential that is there is registered; requests are answered before already. */
  start(): Promise<void>
  /** Says by the readiness probe that no more requests should come; those that do are served. */
  drain(): void
  /** Ends every event stream, with the word to come back. */
  endStreams(): void
  stop(): Promise<void>
}

/** A whole hub, from its parts. It reads and dials nothing until it is started. */
export function createHub(options: HubOptions): Hub {
  const { cli, config, db, now, portalDirectory } = options
  const parts = createParts(options)
  const { auth, fleet, instances, log } = parts
  const draining = new AbortController()
  const ending = new AbortController()
  const life = createLife(options, parts, draining)
  const app = createApp({
    config,
    db,
    auth,
    instances,
    fleet,
    history: parts.history,
    governance: parts.governance,
    usage: parts.usage,
    telemetry: parts.telemetry,
    metrics: parts.metrics,
    directRoutes: parts.directRoutes,
    askRange: parts.askRange,
    now,
    log,
    notReady: life.notReady,
    fetch: options.fetch,
    onAccessChange: parts.changes.onChange,
    ending: ending.signal,
    rbacDirectory: fileURLToPath(new URL('../../deploy/kubernetes/instance-rbac', import.meta.url)),
    portalDirectory,
    cli,
  })
  return {
    app,
    instances,
    fleet,
    localSecret: auth.local?.secret ?? null,
    jobs: life.jobs,
    start: life.start,
    drain: () => draining.abort(),
    endStreams: () => ending.abort(),
    stop: life.stop,
  }
}

type Parts = ReturnType<typeof createParts>

/** What reads, watches and remembers; none of it has begun. */
function createParts({ config, db, descriptors, fetch, now, ...options }: HubOptions) {
  const log = signAuditLines(options.log, config.session.secrets)
  const instances = createInstances({
    directory: config.credentials.path,
    ...readIntake(config, db),
    modelCallsMax: config.modelCallsMax,
    ...(descriptors && { descriptors }),
    log,
    now,
  })
  const changes = joinAccessChanges(db)
  const onChange = () => {
    changes.tellAll()
    fleet.lookAround()
  }
  const file = config.file && followConfigFile(config.file, { log, now, onChange })
  const configured = createConfigured(config, file)
  const granted = createGrantedNamespaces({
    configured,
    db,
    log,
    onChange: () => fleet.lookAround(),
  })
  const fleet: Fleet = createFleet({ instances, log, now, candidateNamespaces: granted.on })
  const history = createFleetHistory({ fleet, now })
  const governance = createGovernance({
    db,
    log,
    now,
    fleet,
    instances,
    encryptionSecrets: config.encryptionSecrets,
    configured,
  })
  const restingInstances = instances.resting
  const keepsModels = (instance: string) =>
    governance.policies.latest(instance).modelUse === 'deployers'
  const auth = createAuth({ config, configured, fetch, now, log, restingInstances, keepsModels })
  const telemetry = config.metricsToken === null ? null : createTelemetry({ fleet, instances })
  const usage = createUsage({ db, now, log, telemetry })
  const { directRoutes, prometheus } = dialModels({
    config,
    instances,
    now,
    policies: governance.policies,
  })
  const watching = new AbortController()
  const metrics = createMetricsWatch({
    instances,
    directRoutes,
    fleet,
    db,
    log,
    now,
    timing: systemTiming,
    ending: watching.signal,
  })
  return {
    log,
    instances,
    granted,
    fleet,
    history,
    governance,
    auth,
    file,
    changes,
    usage,
    telemetry,
    metrics,
    directRoutes,
    prometheus,
    askRange: (deployment: FleetDeployment, rangeSeconds: number) =>
      prometheus.has(deployment.instance)
        ? askRange(
            { prometheus, fleet, db, log, now, ending: watching.signal },
            deployment,
            rangeSeconds,
          )
        : null,
    stopWatching: () => watching.abort(),
  }
}

/** What is dialled past the API servers. */
function dialModels({
  config,
  instances,
  now,
  policies,
}: Pick<HubOptions, 'config' | 'now'> & {
  instances: Instances
  policies: Parameters<typeof createDirectRoutes>[0]['policies']
}) {
  const addresses = { allowLoopback: config.local !== null || config.credentials.allowLoopback }
  return {
    directRoutes: createDirectRoutes({
      now,
      policies,
      addresses,
      timing: systemTiming,
      callsMax: config.modelCallsMax,
    }),
    prometheus: createPrometheus({
      instances,
      configs: config.prometheus,
      addresses,
      timing: systemTiming,
    }),
  }
}

/** How the parts begin, one after another, and end. */
function createLife(options: HubOptions, parts: Parts, draining: AbortController) {
  const { db, now } = options
  const { auth, changes, fleet, granted, instances, log } = parts
  let notReady: string | null = 'the credentials are being read'
  let runningJobs: RunningJobs | null = null
  // From the first request on: what is kept of sessions and bearers is good because it follows every change.
  const endings = [
    changes.onChange(auth.sessionCache.follow),
    auth.bearers.follow(changes),
    parts.governance.follow(),
  ]
  let withdrawCode = async () => {}
  return {
    notReady: () => (draining.signal.aborted ? 'the hub is stopping' : notReady),
    jobs: () => runningJobs,
    async start() {
      await parts.governance.read()
      runningJobs = runJobs(listJobs(options, parts), { leases: createHubLeases(db), log, now })
      endings.push(await granted.follow())
      const announced = auth.setup.announce({ db, now, log })
      withdrawCode = await announced.catch((error: unknown) => {
        log.error({ error }, 'the setup code could not be made; start the hub again for one')
        return async () => {}
      })
      await instances.start()
      notReady = 'the clusters are being asked'
      void awaitClusters({ instances, fleet, stopped: draining.signal }).then(() => {
        notReady = null
      })
    },
    async stop() {
      draining.abort()
      parts.stopWatching()
      await runningJobs?.stop()
      // Who asked for what is known here alone until it is written.
      await parts.governance.history.flush().catch(() => undefined)
      await parts.usage.flush().catch((error: unknown) => log.warn({ error }, lostUsage))
      for (const end of endings) end()
      // It ends by itself within a day.
      await withdrawCode().catch(() => undefined)
      await fleet.stop()
      await parts.directRoutes.close()
      await parts.prometheus.close()
      await instances.stop()
    },
  }
}

const lostUsage = 'what was used within the last seconds could not be written and is not counted'

function createHubLeases(db: Database): Leases {
  return createLeases(db, {
    holder: `${hostname()} ${randomUUID()}`,
    timing: { now: systemTiming.now, sleep: (ms, signal) => sleep(systemTiming, ms, signal) },
  })
}

/** What the modules do in the background. */
function listJobs(
  { config, db, now }: HubOptions,
  { auth, file, fleet, governance, history, instances, log, metrics, prometheus, usage }: Parts,
): Job[] {
  const { retentionSeconds } = config.audit
  const directory = config.credentials.path
  const syncSeconds = config.local === null ? config.groupSyncSeconds : null
  const owners = [
    deleteExpiredLogins,
    deleteExpiredSessions,
    deleteExpiredTokens,
    deleteExpiredCodes,
    deleteOldChanges,
    deleteEndedMaintenance,
    deleteExpiredKeys,
    deleteExpiredConfirmations,
    deleteOldUsage,
  ]
  return [
    ...(retentionSeconds === null ? [] : [createRetentionJob({ db, now, log, retentionSeconds })]),
    createGrantEndsJob({ db, now, log }),
    createSettlingJob([
      (round) => settleAttempts({ db, now, log, instances }, round),
      (round) => settleCredentials({ db, now, log, directory }, round),
    ]),
    ...(file === null ? [] : createConfigFileJobs({ db, now, log, file })),
    history.job,
    createProfileCheck({ db, instances, profiles: governance.profiles }),
    usage.job,
    ...(config.fleetMetrics
      ? [createFleetMetricsJob({ fleet, metrics, hasPrometheus: prometheus.has })]
      : []),
    createGpuTimeJob({
      db,
      now,
      fleet,
      findTeam: (principal, place) =>
        findTeam(db, auth, { principal, permission: 'deployment.create', ...place }, now()),
    }),
    createHistorySweep({ db, now, fleet, instances }),
    createSweepJob({ db, now }, owners),
    ...(syncSeconds === null ? [] : [createGroupSyncJob({ db, auth, now, log }, syncSeconds)]),
  ]
}

/** Where instances come from, and what their credentials may do here. */
function readIntake({ accessModes, credentials, local }: Config, db: Database) {
  if (local === null) {
    const { execEnvironment } = credentials
    const programFolders = (execEnvironment['PATH'] ?? '').split(delimiter)
    return { policy: { ...credentials, programFolders }, execEnvironment, accessModes, db }
  }
  // As with kubectl, the person's own kubeconfig is trusted; clusters on this machine come and go under one name.
  return {
    kubeconfigs: local.kubeconfigs,
    policy: {
      allowLoopback: true,
      allowInsecureTls: true,
      clusterProxies: 'any' as const,
      execPlugins: 'any' as const,
    },
    execEnvironment: local.environment,
  }
}
