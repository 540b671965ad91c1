import type { Clock } from '#context'
import {
  runExecPlugin,
  type ClusterCredential,
  type ExecOptions,
  type ExecPlugin,
  type ExecResult,
} from '#kube'
import type { Logger } from '#log'

/** One kubeconfig's program: it runs beside the scans, so that a slow one delays no other file. */
export type ExecRun = {
  plugin: ExecPlugin
  credential: ClusterCredential
  namespace: string | null
  warnings: readonly string[]
  /** Of the kubeconfig it stands in: a newer one may have been rejected meanwhile. */
  digest: string
}

type Running = { exec: ExecRun; stop: AbortController; run: Promise<void> | null; timer: unknown }

/** The programs that give credentials, by file. */
export type ExecRuns = {
  start(name: string, exec: ExecRun): void
  find(name: string): ExecRun | null
  /** Runs it again; resolves with what runs already. */
  again(name: string): Promise<void>
  stop(name: string): void
  stopAll(): void
}

/** After a program failed, and the least time between two runs of one. */
const retryMs = 30_000
/** A credential of a program is made anew when this part of its life has passed. */
const renewAt = 0.8
const timerMsMax = 2 ** 31 - 1

export function createExecRuns(options: {
  /** What the programs see of the environment. */
  environment: ExecOptions['environment']
  onResult: (name: string, exec: ExecRun, result: ExecResult) => void
  later: (ms: number, run: () => void) => unknown
  cancel: (timer: unknown) => void
  now: Clock
  log: Logger
}): ExecRuns {
  const { cancel, environment, later, log, now } = options
  const runs = new Map<string, Running>()

  const ask = async (name: string, running: Running) => {
    const { exec, stop } = running
    const startedAt = now().getTime()
    const result = await runExecPlugin(exec.plugin, exec.credential, {
      environment,
      signal: stop.signal,
    })
    running.run = null
    if (runs.get(name) !== running) return
    options.onResult(name, exec, result)
    const expiresAt = result.ok ? result.expiresAt : new Date(0)
    if (expiresAt === null) return
    const lifeMs = (expiresAt.getTime() - startedAt) * renewAt
    const waitMs = Math.min(Math.max(lifeMs, retryMs), timerMsMax)
    running.timer = later(waitMs, () => void run(name, running))
  }

  /** Now, and again before what it gave ends. */
  const run = (name: string, running: Running): Promise<void> => {
    if (running.run || running.stop.signal.aborted) return running.run ?? Promise.resolve()
    cancel(running.timer)
    running.run = ask(name, running).catch((error: unknown) => {
      running.run = null
      log.error({ error, file: name }, 'running an exec plugin failed')
    })
    return running.run
  }

  const stop = (name: string) => {
    const running = runs.get(name)
    if (!running) return
    runs.delete(name)
    cancel(running.timer)
    running.stop.abort()
  }

  return {
    start: (name, exec) => {
      stop(name)
      const running = { exec, stop: new AbortController(), run: null, timer: null }
      runs.set(name, running)
      void run(name, running)
    },
    find: (name) => runs.get(name)?.exec ?? null,
    again: async (name) => {
      const running = runs.get(name)
      if (running) await run(name, running)
    },
    stop,
    stopAll: () => {
      for (const name of runs.keys()) stop(name)
    },
  }
}
