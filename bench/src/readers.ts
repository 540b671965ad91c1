import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './benchmark.ts'

export type ReaderOptions = {
  /** One connection each; every `measuredEvery`th is measured, the others are only read. */
  streams: readonly { url: string; headers?: Record<string, string>; ca?: string }[]
  measuredEvery: number
}

export type Readings = { delaysMs: number[]; bytes: number; open: number }

export type Readers = {
  /** What was measured since the last call. */
  take(): Promise<Readings>
}

/** Readers of endless answers in a process of their own; a delay is now minus the time in an event's `message`. */
export async function startReaders(world: World, options: ReaderOptions): Promise<Readers> {
  const worker = fileURLToPath(new URL('./readers-worker.ts', import.meta.url))
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  world.defer(() => child.kill('SIGKILL'))
  child.setMaxListeners(0)
  const ask = (request: unknown) =>
    new Promise<Readings>((resolve, reject) => {
      child.once('message', (reply) => resolve(reply as Readings))
      child.once('exit', () => reject(new Error('The readers ended.')))
      child.send(request as object)
    })
  await ask({ type: 'open', options })
  return { take: () => ask({ type: 'take' }) }
}
