import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGrantEndsJob, createGrantedNamespaces } from '#access'
import { createRetentionJob, createSettlingJob, signAuditLines } from '#audit'
import { createInstances, settleCredentials, type DescriptorPlan, type Instances } from '#clusters'
import type { Config } from '#config'
import type { Clock, Job } from '#context'
import { createLeases, deleteOldChanges, type Database } from '#db'
import { settleAttempts } from '#deployments'
import { createFleet, type Fleet } from '#fleet'
import { startGroupSync } from '#group-sync'
import { sleep, systemTiming } from '#kube'
import type { CliSource } from '#http'
import type { Logger } from '#log'
import { deleteExpiredSessions, startSweep } from '#sessions'
import { deleteExpiredCodes } from '#setup'
import { deleteExpiredLogins } from '#sign-in'
import { deleteExpiredTokens } from '#tokens'
import { createApp } from './app.ts'
import { createAuth } from './create-auth.ts'
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
  const { cli, config, db, fetch, now, portalDirectory } = options
  const log = signAuditLines(options.log, config.session.secrets)
  const instances = createInstances({
    directory: config.credentials.path,
    ...readIntake(config, db),
    ...(options.descriptors && { descriptors: options.descriptors }),
    log,
    now,
  })
  const granted = createGrantedNamespaces({
    configured: config.grants,
    db,
    log,
    onChange: () => fleet.lookAround(),
  })
  const fleet: Fleet = createFleet({ instances, log, now, candidateNamespaces: granted.on })
  let notReady: string | null = 'the credentials are being read'
  const draining = new AbortController()
  const ending = new AbortController()
  const leases = createLeases(db, {
    holder: `${hostname()} ${randomUUID()}`,
    timing: { now: systemTiming.now, sleep: (ms, signal) => sleep(systemTiming, ms, signal) },
  })
  const jobs = listJobs({ config, db, instances, log, now })
  let runningJobs: RunningJobs | null = null
  let stopJobs = async () => {}
  let stopGranted = () => {}
  let withdrawCode = async () => {}
  const auth = createAuth({ config, fetch, now, log, restingInstances: instances.resting })
  // From the first request on: what is kept of sessions and bearers is good because it follows every change.
  const stopFollowing = [db.onChange(auth.sessionCache.follow), auth.bearers.follow(db)]
  const app = createApp({
    config,
    db,
    auth,
    instances,
    fleet,
    now,
    log,
    notReady: () => (draining.signal.aborted ? 'the hub is stopping' : notReady),
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
    jobs: () => runningJobs,
    start: async () => {
      const stopSweep = startSweep({ db, now, log }, [
        deleteExpiredLogins,
        deleteExpiredSessions,
        deleteExpiredTokens,
        deleteExpiredCodes,
        deleteOldChanges,
      ])
      const interval = config.local === null ? config.groupSyncSeconds : null
      const stopGroupSync = startGroupSync({ db, auth, now, log }, interval)
      const running = runJobs(jobs, { leases, log, now })
      runningJobs = running
      stopJobs = async () => {
        stopSweep()
        await Promise.all([stopGroupSync(), running.stop()])
      }
      stopGranted = await granted.follow()
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
    drain: () => draining.abort(),
    endStreams: () => ending.abort(),
    stop: async () => {
      draining.abort()
      await stopJobs()
      for (const stop of [...stopFollowing, stopGranted]) stop()
      // It ends by itself within a day.
      await withdrawCode().catch(() => undefined)
      await fleet.stop()
      await instances.stop()
    },
  }
}

/** What the modules do in the background. */
function listJobs({
  config,
  db,
  instances,
  log,
  now,
}: Pick<HubOptions, 'config' | 'db' | 'log' | 'now'> & { instances: Instances }): Job[] {
  const { retentionSeconds } = config.audit
  const directory = config.credentials.path
  return [
    ...(retentionSeconds === null ? [] : [createRetentionJob({ db, now, log, retentionSeconds })]),
    createGrantEndsJob({ db, now, log }),
    createSettlingJob([
      () => settleAttempts({ db, now, log, instances }),
      () => settleCredentials({ db, now, log, directory }),
    ]),
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
