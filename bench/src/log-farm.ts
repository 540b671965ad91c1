import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

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
  const ask = startWorker<LogFarmReply>(world, './log-farm-worker.ts', 'The cluster')
  const started = await ask({ type: 'start', pods })
  if (started.type !== 'started') throw new Error('The cluster did not start.')
  return {
    kubeconfig: started.kubeconfig,
    administrator: started.administrator,
    write: async (perSecond, seconds) => void (await ask({ type: 'write', perSecond, seconds })),
  }
}
