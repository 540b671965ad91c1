import { afterEach, expect, test } from 'vitest'
import { contextOf, grant } from '../../test/contexts.ts'
import { pretendInstance } from '../../test/pretend-instance.ts'
import type { DeploymentDeps } from './deps.ts'
import { listRuntimeObjects } from './list-runtime-objects.ts'

const at = { instance: 'prod', namespace: 'team', name: 'llama' }
const ctx = contextOf([grant('viewer')])
const own = '/apis/airunway.ai/v1alpha1/namespaces/team/modeldeployments/llama'
const ready = { type: 'ResourceReady', status: 'False', reason: 'Pending', message: 'No node.' }
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

test.each([
  ['Workspace', '/apis/kaito.sh/v1beta1/namespaces/team/workspaces/llama'],
  [
    'DynamoGraphDeployment',
    '/apis/nvidia.com/v1alpha1/namespaces/team/dynamographdeployments/llama',
  ],
  ['RayService', '/apis/ray.io/v1/namespaces/team/rayservices/llama'],
  ['Deployment', '/apis/apps/v1/namespaces/team/deployments/llama'],
])('a %s is told by its conditions and status, without its spec', async (kind, path) => {
  const { deps } = await serve({
    [own]: deployment(kind),
    [path]: {
      metadata: { name: 'llama', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { env: [{ name: 'KEY', value: 's3cret' }] },
      status: { state: 'NotReady', conditions: [ready] },
    },
  })
  expect(await listRuntimeObjects(ctx, deps, at)).toEqual({
    reason: null,
    items: [
      {
        kind,
        apiVersion: path.split('/').slice(2, 4).join('/'),
        name: 'llama',
        createdAt: '2026-01-01T00:00:00Z',
        deletingSince: null,
        conditions: [{ ...ready, lastTransitionTime: null }],
        status: 'state: NotReady\n',
      },
    ],
  })
})

test('of a disaggregated one on plain Deployments both parts are looked for', async () => {
  const apps = '/apis/apps/v1/namespaces/team/deployments'
  const { deps } = await serve({
    [own]: deployment('Deployment', { serving: { mode: 'disaggregated' } }),
    [`${apps}/llama-decode`]: { metadata: { name: 'llama-decode' } },
  })
  const { items, reason } = await listRuntimeObjects(ctx, deps, at)
  expect(items.map(({ name, status }) => [name, status])).toEqual([['llama-decode', null]])
  expect(reason).toBe('The cluster has no Deployment "llama-prefill".')
})

test.each([
  ['nothing yet', { [own]: { metadata: {}, status: {} } }, /has not made anything/],
  ['a kind that is not known', { [own]: deployment('LeaderWorkerSet') }, /LeaderWorkerSet "llama"/],
  ['what is gone', { [own]: deployment('RayService') }, /no RayService "llama"/],
])('says why there is nothing to show: %s', async (_, objects, reason) => {
  const { deps } = await serve(objects)
  expect(await listRuntimeObjects(ctx, deps, at)).toEqual({
    items: [],
    reason: expect.stringMatching(reason),
  })
})

test('a credential that may not read it is a reason, and no failure', async () => {
  const { deps } = await serve({ [own]: deployment('Workspace') }, 403)
  const { items, reason } = await listRuntimeObjects(ctx, deps, at)
  expect([items, reason]).toEqual([[], expect.stringMatching(/does not let the hub's credential/)])
})

test('are not asked for where somebody may not look, nor of a deployment that is gone', async () => {
  const { deps, seen } = await serve({})
  const elsewhere = contextOf([grant('viewer', { namespaces: ['other'] })])
  await expect(listRuntimeObjects(elsewhere, deps, at)).rejects.toMatchObject({ code: 'forbidden' })
  expect(seen).toEqual([])
  await expect(listRuntimeObjects(ctx, deps, at)).rejects.toMatchObject({ code: 'not-found' })
})

function deployment(resourceKind: string, spec: object = {}) {
  return { metadata: {}, spec, status: { provider: { resourceKind, resourceName: 'llama' } } }
}

/** A cluster with these objects by their paths. */
async function serve(objects: Record<string, object>, otherwise = 404) {
  const { instances, seen, stop } = await pretendInstance(({ url }, response) => {
    const object = objects[url ?? '']
    response.statusCode = object ? 200 : otherwise
    response.end(JSON.stringify(object ?? { kind: 'Status', code: otherwise }))
  })
  cleanups.push(stop)
  return { deps: { instances } as unknown as DeploymentDeps, seen }
}
