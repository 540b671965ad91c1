import { startApiServer, startControlPlane, type Cluster } from '@hub/demo'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Instances } from '#clusters'
import { borrowControlPlane } from '../../../demo/test/borrow-control-plane.ts'
import { createDeployment, soon, watchCluster } from '../../test/watched-cluster.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const assets = process.env.KUBEBUILDER_ASSETS ?? ''

type Freezable = { cluster: Cluster; freeze(): Promise<void>; thaw(): Promise<void> }

const kinds: { kind: string; skip: boolean; start(): Promise<Freezable> }[] = [
  {
    kind: 'the demo API server',
    skip: false,
    start: async () => {
      const cluster = await startApiServer()
      return {
        cluster,
        freeze: () => cluster.faults.set({ kind: 'black-hole' }),
        thaw: () => cluster.faults.set(null),
      }
    },
  },
  {
    kind: 'a real control plane (set KUBEBUILDER_ASSETS)',
    skip: assets === '',
    start: async () => {
      const cluster = await borrowControlPlane()
      return { cluster, freeze: async () => cluster.freeze(), thaw: async () => cluster.thaw() }
    },
  },
]

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** A hub's view of one cluster that is not probed by itself for as long as a test lasts. */
async function watchQuietly(cluster: Cluster) {
  const watched = await watchCluster(cluster, undo, { probeIntervalMs: 3_600_000 })
  await createDeployment(watched.client, 'llama')
  await vi.waitFor(() => {
    expect(watched.instances.find('prod')?.status.state).toBe('ready')
    expect(watched.fleet.list()).toHaveLength(1)
  }, soon)
  return watched
}

function followReasons(instances: Instances) {
  const told: string[] = []
  undo.push(
    instances.onChange((change) => {
      if (change.type === 'upsert') told.push(change.instance.status.reason ?? '')
    }),
  )
  return told
}

describe.each(kinds)('on $kind', ({ skip, start }) => {
  it.skipIf(skip)(
    'H51: a frozen API server is told of between probes, in words of its own, and is back by itself',
    async () => {
      const { cluster, freeze, thaw } = await start()
      const { fleet, instances } = await watchQuietly(cluster)
      const told = followReasons(instances)
      await freeze()
      undo.push(thaw)
      const status = () => instances.find('prod')!.status
      await vi.waitFor(() => expect(status().state).not.toBe('ready'), soon)
      expect(status().reason).toMatch(/^Instance "prod" has not responded for some seconds\./)
      await vi.waitFor(() => expect(status().state).toBe('unreachable'), soon)
      expect(status().reason).toMatch(/did not answer in time\. The hub keeps trying/)
      expect(told.join('\n')).not.toContain('before you try again')
      expect(fleet.list().map(({ name }) => name)).toEqual(['llama'])
      await thaw()
      await vi.waitFor(() => {
        expect(status().state).toBe('ready')
        expect(fleet.instanceState('prod').synced).toBe(true)
      }, soon)
    },
  )
})

describe('an API server that restarts', () => {
  it('H51: and is slow to load who may what, is never told as one that lacks rights', async () => {
    const cluster = await startApiServer()
    const { client, fleet, instances } = await watchQuietly(cluster)
    const told = followReasons(instances)
    const status = () => instances.find('prod')!.status
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/kubeairunway-hub'
    const role = await client.request('GET', path)
    const setRules = async (rules: object[]) => {
      const { metadata } = await client.request('GET', path)
      await client.request('PUT', path, { body: { ...role, metadata, rules } })
    }
    await setRules([{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }])
    await cluster.faults.set({ kind: 'refuse' })
    await vi.waitFor(() => expect(status().state).toBe('unreachable'), soon)
    await cluster.faults.set(null)
    await vi.waitFor(() => expect(told.join()).toContain('answers again after a break'), soon)
    await setRules(role.rules)
    await vi.waitFor(() => {
      expect(status().state).toBe('ready')
      expect(fleet.instanceState('prod').synced).toBe(true)
    }, soon)
    expect(fleet.list().map(({ name }) => name)).toEqual(['llama'])
    expect(told.join('\n')).not.toMatch(/rights|not installed|replace it|kube-system/)
  })

  it.skipIf(assets === '')(
    'H51: is never told as one that lacks rights or AI Runway, and is followed again at once',
    async () => {
      const cluster = await startControlPlane({ assets })
      const { fleet, instances } = await watchQuietly(cluster)
      const told = followReasons(instances)
      for (let restarts = 0; restarts < 2; restarts += 1) {
        await cluster.restart()
        await vi.waitFor(() => {
          expect(instances.find('prod')?.status.state).toBe('ready')
          expect(fleet.instanceState('prod').synced).toBe(true)
          expect(fleet.knownNamespaces('prod').items).not.toBeNull()
        }, soon)
        expect(fleet.list().map(({ name }) => name)).toEqual(['llama'])
      }
      expect(told.join('\n')).not.toMatch(/rights|not installed|replace it|kube-system/)
    },
  )
})
