import { createKubeClient, type Cluster, type KubeClient } from '@hub/demo'
import { afterAll, beforeAll, describe } from 'vitest'
import { clusterKinds } from './clusters.ts'
import { databases, type TestDatabase } from './databases.ts'
import { startHub, type HubOptions, type TestHub } from './hub.ts'
import { startOddIdentityProvider } from './odd-identity-provider.ts'

/** What a suite of a hub before a cluster stands in, from its first test to its last. */
export type ClusterWorld = {
  readonly isReal: boolean
  readonly cluster: Cluster
  /** As an administrator of the cluster. */
  readonly client: KubeClient
  readonly database: TestDatabase
  readonly hub: TestHub
}

/** What is there before the hub, and what ends with it, the last that was deferred first. */
type Ground = Omit<ClusterWorld, 'hub' | 'database'> & { defer(end: () => unknown): void }
type Options = Omit<HubOptions, 'db' | 'identityProvider'>

/**
 * Suites of one hub, on SQLite and with an identity provider, before each kind of cluster: what differs between them is a
 * failure. The hub starts with what `options` makes.
 */
export function describeOnClusters(
  name: string,
  setting: {
    /** AI Runway's webhooks: with them, unless told otherwise. */
    webhooks?: boolean
    namespaces?: readonly string[]
    options: (ground: Ground) => Options | Promise<Options>
  },
  tests: (world: ClusterWorld) => void,
): void {
  for (const { kind, skip, start } of clusterKinds) {
    describe.skipIf(skip)(`${name} on ${kind}`, { timeout: 180_000 }, () => {
      const isReal = kind.startsWith('a real')
      const world = { isReal } as { -readonly [Part in keyof ClusterWorld]: ClusterWorld[Part] }
      const endings: (() => unknown)[] = []
      const defer: Ground['defer'] = (end) => void endings.push(end)
      beforeAll(async () => {
        const [cluster, database, identityProvider] = await Promise.all([
          start({ webhooks: setting.webhooks ?? true }),
          databases[0].open(),
          startOddIdentityProvider(),
        ])
        defer(() => Promise.all([cluster.stop(), database.dispose(), identityProvider.stop()]))
        const client = createKubeClient(cluster.kubeconfig('client-certificate'))
        defer(client.close)
        for (const namespace of setting.namespaces ?? []) {
          const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
          await client.request('POST', '/api/v1/namespaces', { body })
        }
        const options = await setting.options({ isReal, cluster, client, defer })
        const hub = await startHub({ db: database.db, identityProvider, ...options })
        Object.assign(world, { cluster, client, database, hub })
      }, 120_000)
      afterAll(async () => {
        await world.hub?.stop()
        for (const end of endings.toReversed()) await end()
      }, 60_000)
      tests(world)
    })
  }
}
