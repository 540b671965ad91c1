import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

type FarmFault = { kind: 'black-hole' } | { kind: 'slow'; delayMs: number }

export type FarmRequest =
  | { type: 'start'; clusters: number; deployments: number; namespaces: number }
  | { type: 'fault'; cluster: number; fault: FarmFault | null }
  | { type: 'update'; perSecond: number; seconds: number }
  | { type: 'count-watches' }

export type FarmReply =
  | { type: 'started'; kubeconfigs: string[] }
  | { type: 'done' }
  | { type: 'watches'; open: number }
  | { type: 'updated'; updates: number; seconds: number }

export type ClusterFarm = {
  kubeconfigs: string[]
  setFault(cluster: number, fault: FarmFault | null): Promise<void>
  /** Writes the present time into `status.message` of one deployment after the other, over all clusters. */
  update(perSecond: number, seconds: number): Promise<{ updates: number; seconds: number }>
  /** How many watches are open on all clusters together. */
  openWatches(): Promise<number>
}

/** Many demo clusters, full of deployments, in a process of their own. */
export async function startClusterFarm(
  world: World,
  options: { clusters: number; deployments: number; namespaces: number },
): Promise<ClusterFarm> {
  const ask = startWorker<FarmReply>(world, './cluster-farm-worker.ts', 'The clusters')
  const started = await ask({ type: 'start', ...options })
  if (started.type !== 'started') throw new Error('The clusters did not start.')
  return {
    kubeconfigs: started.kubeconfigs,
    async setFault(cluster, fault) {
      await ask({ type: 'fault', cluster, fault })
    },
    async update(perSecond, seconds) {
      const reply = await ask({ type: 'update', perSecond, seconds })
      if (reply.type !== 'updated') throw new Error('The clusters were not updated.')
      return reply
    },
    async openWatches() {
      const reply = await ask({ type: 'count-watches' })
      if (reply.type !== 'watches') throw new Error('The watches were not counted.')
      return reply.open
    },
  }
}
