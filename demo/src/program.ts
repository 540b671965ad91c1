import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** A program of others that runs beside this one. */
export type Program = { ended(): boolean; describe(): string; stop(): Promise<void> }

/** Starts it; it ends with this process if nobody stops it before. */
export function startProgram(command: string, flags: readonly string[]): Program {
  const child: ChildProcess = spawn(command, flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  let lastOutput = ''
  let failure: string | undefined
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastOutput = (lastOutput + text).slice(-2000)
  })
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message
      resolve()
    })
    child.once('close', () => {
      failure ??= `ended with ${child.exitCode ?? child.signalCode}`
      resolve()
    })
  })
  // A parent that ends without stopping its children must not leave them behind.
  const killOnExit = () => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  return {
    ended: () => failure !== undefined,
    describe: () =>
      `${command} ${failure ?? 'runs'}: ${lastOutput.trim().split('\n').slice(-5).join('\n')}`,
    stop: async () => {
      if (failure === undefined) {
        child.kill('SIGTERM')
        const timer = setTimeout(killOnExit, 5_000)
        await closed
        clearTimeout(timer)
      }
      process.removeListener('exit', killOnExit)
    },
  }
}
