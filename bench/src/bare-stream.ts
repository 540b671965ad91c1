import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './benchmark.ts'

export type BareStream = {
  origin: string
  /** Sends `perSecond` events to readers of `/all`, and every twentieth also to those of `/scoped`. */
  broadcast(perSecond: number, seconds: number): Promise<void>
}

/** The peer of the event stream: a bare Node server that broadcasts the same bytes at the same rate. */
export async function startBareStream(world: World, event: string): Promise<BareStream> {
  const worker = fileURLToPath(new URL('./bare-stream-worker.ts', import.meta.url))
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  world.defer(() => child.kill('SIGKILL'))
  child.setMaxListeners(0)
  const ask = (request: object) =>
    new Promise<number>((resolve, reject) => {
      child.once('message', (reply) => resolve(reply as number))
      child.once('exit', () => reject(new Error('The bare stream ended.')))
      child.send(request)
    })
  const port = await ask({ type: 'start', event })
  return {
    origin: `http://127.0.0.1:${port}`,
    async broadcast(perSecond, seconds) {
      await ask({ type: 'broadcast', perSecond, seconds })
    },
  }
}
