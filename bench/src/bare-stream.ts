import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

export type BareStream = {
  origin: string
  /** Sends `perSecond` events to readers of `/all`, and every twentieth also to those of `/scoped`. */
  broadcast(perSecond: number, seconds: number): Promise<void>
}

/** The peer of the event stream: a bare Node server that broadcasts the same bytes at the same rate. */
export async function startBareStream(world: World, event: string): Promise<BareStream> {
  const ask = startWorker<number>(world, './bare-stream-worker.ts', 'The bare stream')
  const port = await ask({ type: 'start', event })
  return {
    origin: `http://127.0.0.1:${port}`,
    async broadcast(perSecond, seconds) {
      await ask({ type: 'broadcast', perSecond, seconds })
    },
  }
}
