import type { Clock, Job } from '#context'
import type { Leases } from '#db'
import { sleep, systemTiming, type Timing } from '#kube'
import type { Logger } from '#log'

/** `elsewhere`: another hub had the job's lease. */
type JobOutcome = 'success' | 'failure' | 'elsewhere'

type JobRun = { startedAt: Date; durationMs: number; outcome: JobOutcome }

export type RunningJobs = {
  /** Of every job, by name; null before its first round has ended. */
  lastRuns(): ReadonlyMap<string, JobRun | null>
  /** Aborts what runs, and waits for it. */
  stop(): Promise<void>
}

type RunOptions = {
  leases: Leases
  log: Logger
  now: Clock
  timing?: Timing
}

/** What failed is tried again soon at first, then ever less often: as often as ever, but once a minute at least. */
const retrySeconds = { first: 10, max: 60 }

/** Runs each job now and then again and again, one round after another. A round that fails is logged. */
export function runJobs(jobs: readonly Job[], options: RunOptions): RunningJobs {
  const { timing = systemTiming } = options
  const stopped = new AbortController()
  const lastRuns = new Map<string, JobRun | null>(jobs.map(({ name }) => [name, null]))
  const repeat = async (job: Job) => {
    const firstWait = leaveToChance(job.firstWaitSeconds ?? 0, job, timing)
    if (firstWait > 0) await sleep(timing, firstWait * 1000, stopped.signal)
    let failures = 0
    while (!stopped.signal.aborted) {
      const run = await runOnce(job, stopped.signal, { ...options, timing })
      lastRuns.set(job.name, run)
      failures = run.outcome === 'failure' ? failures + 1 : 0
      await sleep(timing, waitSeconds(job, failures, timing) * 1000, stopped.signal)
    }
  }
  const loops = jobs.map(repeat)
  return {
    lastRuns: () => lastRuns,
    async stop() {
      stopped.abort()
      await Promise.all(loops)
    },
  }
}

async function runOnce(
  job: Job,
  signal: AbortSignal,
  { leases, log, now, timing }: Required<RunOptions>,
): Promise<JobRun> {
  const startedAt = now()
  const from = timing.now()
  const end = (outcome: JobOutcome): JobRun => ({
    startedAt,
    durationMs: timing.now() - from,
    outcome,
  })
  try {
    if (job.isLeased) {
      const isHere = await leases.hold(job.name, signal, (lease) =>
        job.run({ signal: lease.signal, lease }),
      )
      return end(isHere ? 'success' : 'elsewhere')
    }
    await job.run({ signal, lease: null })
    return end('success')
  } catch (error) {
    // Whoever stops it does not want to hear that it did not finish.
    if (!signal.aborted) log.warn({ error, job: job.name }, job.failure)
    return end('failure')
  }
}

function waitSeconds(job: Job, failures: number, timing: Timing): number {
  const retry = retrySeconds.first * 2 ** Math.max(0, failures - 1)
  const { everySeconds } = job
  const wait =
    failures === 0 ? everySeconds : Math.min(retry, Math.max(everySeconds, retrySeconds.max))
  return leaveToChance(wait, job, timing)
}

function leaveToChance(seconds: number, { jitter = 0 }: Job, { random }: Timing): number {
  return seconds * (1 - jitter * random())
}
