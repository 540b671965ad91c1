import { DeploymentList } from '@hub/shared'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createDeploymentList } from './list-deployments.ts'
import { createDeployment, soon, watchCluster } from '../../test/watched-cluster.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { nothingGoverned } from '../../test/nothing-governed.ts'
import { clusterKinds } from '../../test/clusters.ts'
import { getDeployment } from './get.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

describe.each(clusterKinds)('on $kind', ({ skip, startOwn }) => {
  test.skipIf(skip)(
    'H49: what a cluster that is gone last told says how old it is, and why',
    async () => {
      const cluster = await startOwn()
      const { client, fleet, instances } = await watchCluster(cluster, undo)
      const deps = { ...nothingGoverned, fleet, instances }
      await createDeployment(client, 'llama')
      const ctx = contextOf([grant('deployer')])
      const at = { instance: 'prod', namespace: 'default', name: 'llama' }
      const readList = createDeploymentList({ fleet, instances })
      const list = () =>
        DeploymentList.parse(JSON.parse(Buffer.from(readList(ctx).bytes).toString()))
      await vi.waitFor(() => expect(fleet.list()).toHaveLength(1), soon)
      await vi.waitFor(() => expect(instances.find('prod')?.status.state).toBe('ready'), soon)
      const alive = getDeployment(ctx, deps, at)
      expect(alive).toMatchObject({
        isCurrent: true,
        instanceStatus: { state: 'ready', reason: null },
      })
      expect(Date.parse(alive.asOf!)).toBeLessThanOrEqual(Date.now())
      expect(list().partial).toEqual([])
      expect(fleet.describeInstance(ctx, 'prod').isCurrent).toBe(true)

      await cluster.stop()
      await vi.waitFor(() => {
        expect(instances.find('prod')?.status.state).toBe('unreachable')
        expect(getDeployment(ctx, deps, at).isCurrent).toBe(false)
      }, soon)
      const dead = getDeployment(ctx, deps, at)
      expect(dead).toMatchObject({
        name: 'llama',
        instanceStatus: {
          state: 'unreachable',
          reason: expect.stringMatching(/^Instance "prod" /) as string,
        },
      })
      expect(Date.parse(dead.asOf!)).toBeLessThanOrEqual(Date.now())
      const { items, partial } = list()
      expect(items.map(({ name }) => name)).toEqual(['llama'])
      expect(partial).toMatchObject([
        { instance: 'prod', asOf: expect.stringMatching(/^\d{4}-.*Z$/) as string },
      ])
      expect(fleet.describeInstance(ctx, 'prod').isCurrent).toBe(false)
    },
  )
})
