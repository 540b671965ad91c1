import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

export type ModelFarmRequest = { clusters: number }
export type ModelFarmReply = {
  /** Of each cluster: its kubeconfig, and what anybody needs who asks its model past the hub. */
  clusters: { kubeconfig: string; modelUrl: string; token: string }[]
}

/** Names of the one model: as the gateway's callers ask for it, and of its namespace and Service. */
export const model = 'qwen3'
export const place = { namespace: 'team', service: 'qwen', port: 8000 } as const

/** Demo clusters in a process of their own, each with one model, which answers at once, or streams for a while. */
export function startModelFarm(world: World, clusters: number): Promise<ModelFarmReply> {
  return startWorker<ModelFarmReply>(world, './model-farm-worker.ts', 'The clusters')({ clusters })
}
