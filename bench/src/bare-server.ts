import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

/** The peer of a page: a bare Node server in a process of its own that sends these bytes to everybody. */
export async function startBareServer(world: World, body: string): Promise<string> {
  const ask = startWorker<number>(world, './bare-server-worker.ts', 'The bare server')
  return `http://127.0.0.1:${await ask(body)}`
}
