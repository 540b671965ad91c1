import { expect, test } from 'vitest'
import { startApiServer } from '../src/api-server/server.ts'
import type { Cluster } from '../src/cluster.ts'
import { borrowControlPlane } from './borrow-control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']

export type ClusterKind = {
  title: string
  isSkipped: boolean
  start(options?: { webhooks?: boolean }): Promise<Cluster>
}

/** Both kinds of cluster, without webhooks unless asked for. */
export const clusterKinds: readonly ClusterKind[] = [
  {
    title: 'demo API server',
    isSkipped: false,
    start: ({ webhooks = false } = {}) => startApiServer({ webhooks }),
  },
  {
    title: assets
      ? 'real kube-apiserver'
      : 'real kube-apiserver (skipped: set KUBEBUILDER_ASSETS to the output of .ci/counterparts/kube-assets)',
    isSkipped: !assets,
    start: borrowControlPlane,
  },
]

/** In CI the real half must not go missing silently. */
export function expectRealClusterInCi(): void {
  test.runIf(process.env['CI'] === 'true')('CI has KUBEBUILDER_ASSETS for the real half', () => {
    expect(assets, 'KUBEBUILDER_ASSETS').toBeTruthy()
  })
}

/** Tries until it no longer throws; for what a cluster does on its own time. */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = 5_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
