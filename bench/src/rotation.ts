import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

export type RotationRequest = { type: 'start' } | { type: 'take' }
export type RotationReply =
  | { type: 'started'; url: string; ca: string }
  /** When (ms since the epoch) each `v<version>-<instance>` was first used. */
  | { type: 'taken'; firstUses: Record<string, number> }

/** A demo API server behind a door that notes which version of which credential knocked. */
export async function startRotationCluster(world: World) {
  const ask = startWorker<RotationReply>(world, './rotation-worker.ts', 'The cluster')
  const started = await ask({ type: 'start' })
  if (started.type !== 'started') throw new Error('The cluster did not start.')
  return {
    kubeconfig: (version: number, instance: number) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          {
            name: 'c',
            cluster: {
              server: started.url,
              'certificate-authority-data': Buffer.from(started.ca).toString('base64'),
            },
          },
        ],
        users: [{ name: 'u', user: { token: `v${version}-${instance}` } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    async firstUses(): Promise<Record<string, number>> {
      const taken = await ask({ type: 'take' })
      return taken.type === 'taken' ? taken.firstUses : {}
    },
  }
}
