import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

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
  const ask = startWorker<Readings>(world, './readers-worker.ts', 'The readers')
  await ask({ type: 'open', options })
  return { take: () => ask({ type: 'take' }) }
}
