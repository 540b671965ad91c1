import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

export type PortalWorldRequest =
  | { type: 'start'; deployments: number; gpus: number }
  | { type: 'change'; perSecond: number; seconds: number }

export type PortalWorldReply =
  | { type: 'started'; kubeconfigs: Record<string, string>; deployments: number }
  | { type: 'changed'; changes: number }

export type PortalWorld = {
  kubeconfigs: Record<string, string>
  deployments: number
  /** Changes one deployment after the other, over all clusters; some of them become ready or no longer are. */
  change(perSecond: number, seconds: number): Promise<number>
}

/** The demo's clusters with very many deployments on very many GPUs, in a process of their own. */
export async function startPortalWorld(
  world: World,
  options: { deployments: number; gpus: number },
): Promise<PortalWorld> {
  const ask = startWorker<PortalWorldReply>(world, './portal-world-worker.ts', 'The clusters')
  const started = await ask({ type: 'start', ...options })
  if (started.type !== 'started') throw new Error('The clusters did not start.')
  return {
    kubeconfigs: started.kubeconfigs,
    deployments: started.deployments,
    async change(perSecond, seconds) {
      const reply = await ask({ type: 'change', perSecond, seconds })
      if (reply.type !== 'changed') throw new Error('The deployments were not changed.')
      return reply.changes
    },
  }
}
