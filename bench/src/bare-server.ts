import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './benchmark.ts'

/** The peer of a page: a bare Node server in a process of its own that sends these bytes to everybody. */
export async function startBareServer(world: World, body: string): Promise<string> {
  const worker = fileURLToPath(new URL('./bare-server-worker.ts', import.meta.url))
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  world.defer(() => child.kill('SIGKILL'))
  const port = new Promise<number>((resolve, reject) => {
    child.once('message', (value) => resolve(value as number))
    child.once('exit', () => reject(new Error('The bare server did not start.')))
  })
  child.send(body)
  return `http://127.0.0.1:${await port}`
}
