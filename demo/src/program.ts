import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** A program of others that runs beside this one. */
export type Program = {
  ended(): boolean
  describe(): string
  /** Of the process; undefined where it could not be started. */
  readonly pid: number | undefined
  /** Holds it where it is: its connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

export type Programs = {
  start(command: string, flags: readonly string[]): Program
  /** To call once all of them have been stopped. */
  release(): void
}

const killAfterMs = 5_000

/** Starts programs that belong together; none of them outlives this process. */
export function createPrograms(): Programs {
  const running = new Set<ChildProcess>()
  const killAll = () => {
    for (const child of running) child.kill('SIGKILL')
  }
  process.once('exit', killAll)
  return {
    start: (command, flags) => {
      const child = spawn(command, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
      running.add(child)
      let lastOutput = ''
      let failure: string | undefined
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        lastOutput = (lastOutput + text).slice(-2000)
      })
      const closed = new Promise<void>((resolve) => {
        child.once('error', (error) => {
          failure = error.message
          running.delete(child)
          resolve()
        })
        child.once('close', () => {
          failure ??= `ended with ${child.exitCode ?? child.signalCode}`
          running.delete(child)
          resolve()
        })
      })
      return {
        pid: child.pid,
        ended: () => failure !== undefined,
        describe: () =>
          `${command} ${failure ?? 'runs'}: ${lastOutput.trim().split('\n').slice(-5).join('\n')}`,
        freeze: () => void child.kill('SIGSTOP'),
        thaw: () => void child.kill('SIGCONT'),
        stop: async () => {
          if (failure !== undefined) return
          child.kill('SIGTERM')
          child.kill('SIGCONT')
          const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
          await closed
          clearTimeout(timer)
        },
      }
    },
    release: () => process.removeListener('exit', killAll),
  }
}
