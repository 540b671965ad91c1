import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './benchmark.ts'

export type LogFarmRequest =
  | { type: 'start'; pods: number }
  | { type: 'write'; perSecond: number; seconds: number }

export type LogFarmReply =
  | { type: 'started'; kubeconfig: string; administrator: string }
  | { type: 'done' }

export type LogFarm = {
  kubeconfig: string
  administrator: string
  /** Numbered lines, over all pods of the one deployment in turn. */
  write(perSecond: number, seconds: number): Promise<void>
}

/** A demo cluster with one deployment of many pods, in a process of its own. */
export async function startLogFarm(world: World, pods: number): Promise<LogFarm> {
  const worker = fileURLToPath(new URL('./log-farm-worker.ts', import.meta.url))
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  world.defer(() => child.kill('SIGKILL'))
  child.setMaxListeners(0)
  const ask = (request: LogFarmRequest) =>
    new Promise<LogFarmReply>((resolve, reject) => {
      child.once('message', (reply) => resolve(reply as LogFarmReply))
      child.once('exit', () => reject(new Error('The cluster ended.')))
      child.send(request)
    })
  const started = await ask({ type: 'start', pods })
  if (started.type !== 'started') throw new Error('The cluster did not start.')
  return {
    kubeconfig: started.kubeconfig,
    administrator: started.administrator,
    write: async (perSecond, seconds) => void (await ask({ type: 'write', perSecond, seconds })),
  }
}
