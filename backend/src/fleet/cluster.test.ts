import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve, type ServerType } from '@hono/node-server'
import { startApiServer, type ApiServer, type Cluster } from '@hub/demo'
import {
  Capacity,
  InstanceHealth,
  Preflight,
  type DeploymentList,
  type Grant,
  type Instance,
  type InstanceList,
  type NamespaceList,
  type Problem,
} from '@hub/shared'
import { Hono } from 'hono'
import { parse, stringify } from 'yaml'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createInstances, type Instances } from '#clusters'
import type { RequestContext } from '#context'
import type { Database } from '#db'
import { asAppError, type AppError } from '#errors'
import { answerProblem, mountOperations, type HubEnv } from '#http'
import { bindOperations } from '#operation'
import {
  createTransport,
  countFormer,
  discoverCluster,
  kubePath,
  listWatch,
  parseKubeconfig,
  toAppError,
  type KubeObject,
  type KubePath,
  type Transport,
} from '#kube'
import { borrowControlPlane } from '../../../demo/test/borrow-control-plane.ts'
import { createDeploymentList } from '../deployments/list-deployments.ts'
import { createFacetList } from '../deployments/list-facets.ts'
import { deploymentOperations } from '../deployments/operations.ts'
import { instanceOperations } from '../instances/operations.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { nothingGoverned } from '../../test/nothing-governed.ts'
import { quietLog } from '../../test/quiet-log.ts'
import { createFleet } from './create-fleet.ts'
import type { Fleet } from './fleet.ts'
import { createStreams } from '../stream/open-stream.ts'
import { streamOperations } from '../stream/operations.ts'

// Real sockets, files and clusters on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const assets = process.env.KUBEBUILDER_ASSETS ?? ''
const policy = { allowLoopback: true, allowInsecureTls: false }
const rbacGroup = 'rbac.authorization.k8s.io'
const soon = { timeout: 20_000, interval: 20 }

const clusters = [
  { kind: 'the demo API server', start: () => startApiServer(), skip: false },
  {
    kind: 'a real control plane (set KUBEBUILDER_ASSETS)',
    start: borrowControlPlane,
    skip: assets === '',
  },
]

for (const { kind, skip, start } of clusters) {
  describe.skipIf(skip)(`on ${kind}`, () => {
    let cluster: Cluster
    let admin: Transport

    beforeAll(async () => {
      cluster = await start()
      admin = connect(cluster.kubeconfig('client-certificate'))
      for (const name of ['team-a', 'team-b', 'team-c']) {
        const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
        await admin.request({ method: 'POST', path: kubePath('api', 'v1', 'namespaces'), body })
      }
    }, 90_000)

    afterAll(async () => {
      await admin?.close({ graceMs: 100 })
      await cluster?.stop()
    }, 30_000)

    describe('kube', () => {
      it.each(['client-certificate', 'service-account-token'] as const)(
        'discovers the cluster by %s',
        async (authentication) => {
          const transport = connect(cluster.kubeconfig(authentication))
          const facts = await discoverCluster(transport)
          await transport.close()
          expect(facts).toEqual({
            kubernetesVersion: expect.stringMatching(/^v1\.\d+\.\d+/) as string,
            apiGroup: 'airunway.ai',
            otherVersions: [],
            uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          })
        },
      )

      it('discovers deployments in the former group, and a version that nobody knows', async () => {
        const crds = ['apis', 'apiextensions.k8s.io', 'v1', 'customresourcedefinitions'] as const
        const group = 'kubeairunway.ai'
        const own = await start()
        const transport = connect(own.kubeconfig('client-certificate'))
        const request = (method: 'GET' | 'POST' | 'DELETE', path: KubePath, body?: object) =>
          transport.request<KubeObject>({ method, path, ...(body && { body }) })
        try {
          const { body: crd } = await request(
            'GET',
            kubePath(...crds, 'modeldeployments.airunway.ai'),
          )
          const spec = crd.spec as { versions: object[] }
          const former = { ...crd, metadata: { name: `modeldeployments.${group}` } }
          await request('POST', kubePath(...crds), { ...former, spec: { ...spec, group } })
          for (const name of ['a', 'b']) {
            await vi.waitFor(
              () =>
                request(
                  'POST',
                  kubePath('apis', group, 'v1alpha1', 'namespaces', 'default', 'modeldeployments'),
                  {
                    apiVersion: `${group}/v1alpha1`,
                    kind: 'ModelDeployment',
                    metadata: { name },
                    spec: { model: { id: 'x/y' } },
                  },
                ),
              soon,
            )
          }
          expect(await discoverCluster(transport)).toMatchObject({ apiGroup: 'airunway.ai' })
          expect(await countFormer(transport, {})).toBe(2)
          await request('DELETE', kubePath(...crds, `modeldeployments.${group}`))
          const versions = spec.versions.map((each) => ({ ...each, name: 'v1beta1' }))
          await request('DELETE', kubePath(...crds, 'modeldeployments.airunway.ai'))
          await request('DELETE', kubePath(...crds, 'inferenceproviderconfigs.airunway.ai'))
          const newer = { ...crd, metadata: { name: 'modeldeployments.airunway.ai' } }
          await vi.waitFor(
            () => request('POST', kubePath(...crds), { ...newer, spec: { ...spec, versions } }),
            soon,
          )
          await vi.waitFor(
            async () =>
              expect(await discoverCluster(transport)).toMatchObject({
                apiGroup: null,
                otherVersions: ['v1beta1'],
              }),
            soon,
          )
        } finally {
          await transport.close()
          await own.stop()
        }
      })

      it('hands the request id to the audit log', async () => {
        const { auditId } = await admin.request({
          method: 'GET',
          path: kubePath('api', 'v1', 'namespaces', 'default'),
          requestId: 'abc-123',
        })
        expect(auditId).toBe('hub-abc-123')
      })

      it.each<[string, () => Promise<unknown>, object]>([
        [
          'a value the schema refuses',
          () => create('team-a', 'bad', { model: { id: 'x/y' }, engine: { type: 'nonsense' } }),
          { code: 'deployment-invalid', errors: [{ pointer: '/spec/engine/type' }] },
        ],
        [
          'an unknown field',
          () => create('team-a', 'bad', { model: { id: 'x/y' }, nonsense: 1 }),
          { code: 'deployment-invalid', errors: [{ pointer: '/spec/nonsense' }] },
        ],
        [
          'a namespace that is not there',
          () => create('nowhere', 'a', { model: { id: 'x/y' } }),
          { code: 'not-found', detail: expect.stringContaining('"nowhere" not found') as string },
        ],
        [
          'a deployment that is not there',
          () => admin.request({ method: 'DELETE', path: deploymentPath('team-a', 'nothing') }),
          { code: 'not-found' },
        ],
        [
          'a name that is taken',
          async () => {
            await create('team-b', 'twice', { model: { id: 'x/y' } })
            await create('team-b', 'twice', { model: { id: 'x/y' } })
          },
          { code: 'deployment-exists' },
        ],
        [
          'an update of something older',
          async () => {
            const { body } = await create('team-b', 'older', { model: { id: 'x/y' } })
            const stale = { ...body, metadata: { ...body.metadata, resourceVersion: '1' } }
            await admin.request({
              method: 'PUT',
              path: deploymentPath('team-b', 'older'),
              body: stale,
            })
          },
          { code: 'conflict' },
        ],
        [
          'a credential without rights',
          async () => {
            const transport = connect(cluster.kubeconfig('service-account-token-without-rights'))
            await transport
              .request({ method: 'GET', path: deploymentPath('team-a') })
              .finally(() => transport.close())
          },
          {
            code: 'instance-forbidden',
            detail: expect.stringContaining('cannot list resource "modeldeployments"') as string,
          },
        ],
        [
          'a credential that is not known',
          async () => {
            const transport = connect(cluster.kubeconfig('service-account-token'), 'nonsense')
            await transport
              .request({ method: 'GET', path: deploymentPath('team-a') })
              .finally(() => transport.close())
          },
          { code: 'instance-unauthorized' },
        ],
      ])('explains %s', async (_, act, expected) => {
        const error = await act().then(
          () => null,
          (thrown: unknown) => toAppError(thrown, { instance: 'prod' }) as AppError,
        )
        expect(error).toMatchObject(expected)
        expect(error?.detail).toMatch(/^Instance "prod" .*\.$/)
      })

      it('takes an unreadable list position for a bad request', async () => {
        const error = await admin
          .request({
            method: 'GET',
            path: kubePath('api', 'v1', 'namespaces'),
            query: { limit: 1, continue: 'nonsense' },
          })
          .catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ kind: 'bad-request' })
      })
    })

    afterEach(async () => {
      for (const name of ['team-a', 'team-b', 'team-c']) {
        await admin.request({ method: 'DELETE', path: deploymentPath(name) })
      }
    })

    describe('instances and fleet', () => {
      let directory: string
      let instances: Instances
      let fleet: Fleet
      let app: ReturnType<typeof createApp>
      let database: TestDatabase

      beforeAll(async () => {
        database = await databases[0].open()
      })
      afterAll(() => database.dispose())

      beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), 'hub-fleet-'))
        mkdirSync(directory, { recursive: true })
        addInstance('prod', cluster.kubeconfig('service-account-token'))
        instances = createInstances({
          directory,
          policy,
          log: quietLog,
          now: () => new Date(),
          probeIntervalMs: 1_000,
        })
        fleet = createFleet({
          instances,
          log: quietLog,
          now: () => new Date(),
          candidateNamespaces: () => ['team-a', 'team-b'],
        })
        app = createApp(instances, fleet, database.db)
        await instances.start()
        await untilSynced(fleet)
      })

      afterEach(async () => {
        await fleet.stop()
        await instances.stop()
        rmSync(directory, { recursive: true, force: true })
      })

      it('shows a deployment from its creation to its end', async () => {
        const { body } = await create('team-a', 'llama', { model: { id: 'meta-llama/x' } })
        await expect.poll(() => fleet.get('prod', 'team-a', 'llama'), soon).not.toBeNull()
        const { items } = await get<DeploymentList>('/deployments', [grant('viewer')])
        expect(items).toMatchObject([
          {
            instance: 'prod',
            namespace: 'team-a',
            name: 'llama',
            uid: body.metadata!.uid,
            model: { id: 'meta-llama/x' },
            abilities: { update: false, delete: false },
          },
        ])
        await admin.request({
          method: 'PATCH',
          path: deploymentPath('team-a', 'llama'),
          contentType: 'application/merge-patch+json',
          body: { spec: { scaling: { replicas: 3 } } },
        })
        await expect
          .poll(() => fleet.get('prod', 'team-a', 'llama')?.replicas.desired, soon)
          .toBe(3)
        await admin.request({ method: 'DELETE', path: deploymentPath('team-a', 'llama') })
        await expect.poll(() => fleet.get('prod', 'team-a', 'llama'), soon).toBeNull()
      })

      it('shows what the hub just wrote before the watch does', async () => {
        const { body } = await create('team-a', 'mine', { model: { id: 'x/y' } })
        fleet.apply('prod', body)
        expect(fleet.get('prod', 'team-a', 'mine')?.uid).toBe(body.metadata!.uid)
        fleet.applyRemoval('prod', {
          namespace: 'team-a',
          name: 'mine',
          uid: String(body.metadata!.uid),
        })
        expect(fleet.get('prod', 'team-a', 'mine')).toBeNull()
      })

      it('lists and counts by grants alone', async () => {
        await create('team-a', 'a1', { model: { id: 'x/y' } })
        await create('team-b', 'b1', { model: { id: 'x/y' } })
        await expect.poll(() => fleet.list().length, soon).toBe(2)
        const names = async (grants: Grant[], query = '') =>
          (await get<DeploymentList>(`/deployments${query}`, grants)).items.map(({ name }) => name)
        const teamA = [grant('deployer', { instanceId: 'prod', namespaces: ['team-a'] })]
        expect(await names([grant('viewer')])).toEqual(['a1', 'b1'])
        expect(await names(teamA)).toEqual(['a1'])
        expect(await names(teamA, '?instance=prod')).toEqual(['a1'])
        expect(await names([])).toEqual([])
        expect(await names([grant('viewer', { instanceId: 'other' })])).toEqual([])
        const { items } = await get<InstanceList>('/instances', teamA)
        expect(items).toMatchObject([
          {
            id: 'prod',
            deploymentCount: 1,
            status: { state: 'ready' },
            abilities: { deploy: true },
          },
        ])
        expect((await get<InstanceList>('/instances', [])).items).toEqual([])
      })

      it('answers the same for an instance that is not there and one the caller may not see', async () => {
        for (const path of [
          '/instances/ID',
          '/instances/ID/namespaces',
          '/instances/ID/health',
          '/instances/ID/capacity',
          '/instances/ID/preflight',
          '/deployments?instance=ID',
        ]) {
          const problems = await Promise.all(
            ['prod', 'nothing'].map(async (id) => {
              const response = await call(path.replace('ID', id), [])
              const problem = (await response.json()) as Problem
              expect(response.status).toBe(404)
              return JSON.stringify(problem).replaceAll(id, 'ID')
            }),
          )
          expect(problems[0]).toBe(problems[1])
          expect((await call(path.replace('ID', 'prod'), null)).status).toBe(401)
          expect((await call(path.replace('ID', 'nothing'), [grant('viewer')])).status).toBe(404)
          expect((await call(path.replace('ID', 'Not_a_Name'), [grant('viewer')])).status).toBe(400)
        }
        expect((await call('/deployments?nonsense=x', [grant('viewer')])).status).toBe(400)
      })

      it('lists namespaces by grants, with where one may deploy', async () => {
        const all = await get<NamespaceList>('/instances/prod/namespaces', [grant('deployer')])
        expect(all.complete).toBe(true)
        const deployable = all.items
          .filter(({ abilities }) => abilities.deploy)
          .map(({ name }) => name)
        expect(deployable).toEqual(expect.arrayContaining(['default', 'team-a', 'team-b']))
        expect(deployable.filter((name) => name.startsWith('kube-'))).toEqual([])
        const some = await get<NamespaceList>('/instances/prod/namespaces', [
          grant('viewer', { instanceId: 'prod', namespaces: ['team-a', 'gone'] }),
        ])
        expect(some).toEqual({
          items: [{ name: 'team-a', abilities: { deploy: false } }],
          complete: true,
        })
      })

      it('names the namespaces of grants where the credential may not list them', async () => {
        addInstance('weak', cluster.kubeconfig('service-account-token-without-rights'))
        await expect
          .poll(() => instances.find('weak')?.status, soon)
          .toMatchObject({
            state: 'degraded',
            reason: expect.stringMatching(
              /^The hub cannot read deployments, runtimes, pods, nodes, and namespaces of instance "weak"/,
            ) as string,
          })
        const list = await get<NamespaceList>('/instances/weak/namespaces', [
          grant('viewer', { namespaces: ['team-a', 'team-b'] }),
          grant('deployer', { instanceId: 'weak', namespaces: ['team-b'] }),
          grant('viewer', { instanceId: 'prod', namespaces: ['team-c'] }),
        ])
        expect(list).toEqual({
          items: [
            { name: 'team-a', abilities: { deploy: false } },
            { name: 'team-b', abilities: { deploy: true } },
          ],
          complete: false,
        })
        // It may not list deployments either, and says so.
        const { partial } = await get<DeploymentList>('/deployments', [grant('viewer')])
        expect(partial).toEqual([
          { instance: 'weak', reason: expect.stringContaining('cannot list resource') as string },
        ])
      })

      it('says which instances a list is missing, to those who see them', async () => {
        addInstance(
          'dead',
          cluster.kubeconfig('service-account-token').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'),
        )
        await expect.poll(() => instances.find('dead')?.status.state, soon).toBe('unreachable')
        const { partial } = await get<DeploymentList>('/deployments', [grant('viewer')])
        expect(partial).toEqual([
          { instance: 'dead', reason: expect.stringContaining('refused the connection') as string },
        ])
        const others = await get<DeploymentList>('/deployments', [
          grant('viewer', { instanceId: 'prod' }),
        ])
        expect(others.partial).toEqual([])
      })

      it('counts GPUs, runtimes and namespaces from its watches, and tells who listens', async () => {
        const told: string[] = []
        const stop = fleet.subscribe((change) => {
          if (change.type === 'instance') told.push(change.id)
        })
        const resources = { cpu: '8', memory: '64Gi', pods: '110', 'nvidia.com/gpu': '8' }
        await send('POST', ['api', 'v1', 'nodes'], {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'gpu-1', labels: { 'nvidia.com/gpu.product': 'H100' } },
        })
        await send('PATCH', ['api', 'v1', 'nodes', 'gpu-1', 'status'], {
          status: {
            capacity: resources,
            allocatable: resources,
            conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }],
          },
        })
        await send('POST', ['api', 'v1', 'namespaces', 'team-a', 'serviceaccounts'], {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default' },
        }).catch(() => {})
        for (const [name, labels, gpus] of [
          ['of-llama', { 'airunway.ai/deployment': 'llama' }, '2'],
          ['of-nobody', {}, '1'],
          ['plain', {}, null],
        ] as const) {
          await send('POST', ['api', 'v1', 'namespaces', 'team-a', 'pods'], {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name, labels },
            spec: {
              nodeName: 'gpu-1',
              containers: [
                {
                  name: 'c',
                  image: 'x',
                  resources: gpus === null ? {} : { limits: { 'nvidia.com/gpu': gpus } },
                },
              ],
            },
          })
        }
        await send('POST', ['apis', 'airunway.ai', 'v1alpha1', 'inferenceproviderconfigs'], {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'InferenceProviderConfig',
          metadata: { name: 'kaito', annotations: { 'airunway.ai/display-name': 'KAITO' } },
          spec: { capabilities: { engines: [{ name: 'vllm' }] } },
        })
        const read = () => get<Instance>('/instances/prod', [grant('viewer')])
        await expect
          .poll(async () => (await read()).capacity, soon)
          .toEqual({
            nodes: { total: 1, ready: 1, cordoned: 0 },
            gpus: [
              {
                product: 'H100',
                resource: 'nvidia.com/gpu',
                memoryMiB: null,
                nodes: 1,
                isClaimed: false,
                allocatable: 8,
                reserved: 0,
                unavailable: 0,
                requested: 3,
                free: 5,
                largestFreeBlock: 5,
              },
            ],
            resources: [],
            reason: null,
          })
        await expect
          .poll(async () => (await read()).runtimes, soon)
          .toEqual([
            {
              name: 'kaito',
              displayName: 'KAITO',
              isReady: false,
              version: null,
              lastHeartbeatAt: null,
              isStale: true,
              engines: ['vllm'],
            },
          ])
        const ofLlama = { instance: 'prod', namespace: 'team-a', deployment: 'llama' }
        expect(fleet.pods(ofLlama)).toMatchObject([{ name: 'of-llama', node: 'gpu-1' }])
        expect((await read()).status).toMatchObject({ state: 'ready', reason: null })
        expect(told).toContain('prod')
        stop()
        await send('PATCH', ['api', 'v1', 'nodes', 'gpu-1'], { spec: { unschedulable: true } })
        await expect
          .poll(async () => (await read()).capacity, soon)
          .toMatchObject({
            nodes: { cordoned: 1 },
            gpus: [{ allocatable: 3, unavailable: 5, requested: 3, free: 0, largestFreeBlock: 0 }],
          })
      })

      it('knows what is free of the devices that ResourceSlices offer, where claims may be listed', async () => {
        const group = ['apis', 'resource.k8s.io', 'v1'] as const
        await send('POST', ['api', 'v1', 'nodes'], {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'dra-1' },
        })
        await send('PATCH', ['api', 'v1', 'nodes', 'dra-1', 'status'], {
          status: {
            conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }],
          },
        })
        // Who may not list claims, and was there before.
        const weak = await bindClusterReader(['nodes', 'pods', 'namespaces'], ['resourceslices'])
        addInstance('weak', await cluster.kubeconfigFor({ user: weak }))
        const h200 = async (id: string) => {
          const { capacity } = await get<Instance>(`/instances/${id}`, [grant('viewer')])
          return { gpu: capacity.gpus?.find(({ product }) => product === 'H200'), capacity }
        }
        await send('POST', [...group, 'resourceslices'], {
          apiVersion: 'resource.k8s.io/v1',
          kind: 'ResourceSlice',
          metadata: { name: 'dra-1-gpus' },
          spec: {
            driver: 'gpu.nvidia.com',
            nodeName: 'dra-1',
            pool: { name: 'dra-1', generation: 1, resourceSliceCount: 1 },
            devices: ['gpu-0', 'gpu-1', 'gpu-2'].map((name) => ({
              name,
              attributes: { productName: { string: 'H200' } },
            })),
          },
        })
        await expect
          .poll(async () => (await h200('prod')).gpu, soon)
          .toMatchObject({ allocatable: 3, requested: 0, free: 3, largestFreeBlock: 3 })
        await send('POST', [...group, 'namespaces', 'team-a', 'resourceclaims'], {
          apiVersion: 'resource.k8s.io/v1',
          kind: 'ResourceClaim',
          metadata: { name: 'two' },
          spec: {
            devices: {
              requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.nvidia.com', count: 2 } }],
            },
          },
        })
        await send('PATCH', [...group, 'namespaces', 'team-a', 'resourceclaims', 'two', 'status'], {
          status: {
            allocation: {
              devices: {
                results: ['gpu-0', 'gpu-2'].map((device) => ({
                  request: 'gpu',
                  driver: 'gpu.nvidia.com',
                  pool: 'dra-1',
                  device,
                })),
              },
            },
          },
        })
        await expect
          .poll(async () => (await h200('prod')).gpu, soon)
          .toMatchObject({ allocatable: 3, requested: 2, free: 1, largestFreeBlock: 1 })
        expect((await h200('prod')).capacity.reason).toBeNull()
        await expect
          .poll(async () => (await h200('weak')).capacity.reason, soon)
          .toMatch(/cannot list resource "resourceclaims"/)
        expect((await h200('weak')).gpu).toMatchObject({
          allocatable: 3,
          requested: null,
          free: null,
        })
        const { features } = await get<Preflight>('/instances/weak/preflight', [grant('admin')])
        expect(features.find(({ name }) => name === 'Capacity')?.missing).toEqual(
          ['list', 'watch'].map((verb) => ({
            verb,
            group: 'resource.k8s.io',
            resource: 'resourceclaims',
            subresource: null,
            namespace: null,
          })),
        )
        await admin.request({
          method: 'DELETE',
          path: kubePath(...group, 'namespaces', 'team-a', 'resourceclaims', 'two'),
        })
        await expect.poll(async () => (await h200('prod')).gpu, soon).toMatchObject({ free: 3 })
        await admin.request({
          method: 'DELETE',
          path: kubePath(...group, 'resourceslices', 'dra-1-gpus'),
        })
        await expect.poll(async () => (await h200('prod')).gpu, soon).toBeUndefined()
        expect((await h200('weak')).capacity.reason).toBeNull()
        await admin.request({ method: 'DELETE', path: kubePath('api', 'v1', 'nodes', 'dra-1') })
      })

      it('tells administrators which permissions the credential lacks', async () => {
        addInstance('weak', cluster.kubeconfig('service-account-token-without-rights'))
        await expect.poll(() => instances.find('weak')?.status.state, soon).toBe('degraded')
        const admins = [grant('admin')]
        const weak = Preflight.parse(await get('/instances/weak/preflight', admins))
        expect(weak.features.every(({ missing }) => missing.length > 0)).toBe(true)
        expect(weak.features.find(({ name }) => name === 'Logs')?.missing).toEqual([
          { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: null },
        ])
        expect(weak.manifest).toContain('kind: ClusterRole\n')
        addInstance('strong', cluster.kubeconfig('client-certificate'))
        await expect.poll(() => instances.find('strong')?.status.state, soon).toBe('ready')
        const strong = Preflight.parse(await get('/instances/strong/preflight', admins))
        expect(strong.features.flatMap(({ missing }) => missing)).toEqual([])
        const { features } = Preflight.parse(await get('/instances/prod/preflight', admins))
        const lacking = features.filter(({ missing, required }) => required && missing.length > 0)
        expect(lacking).toEqual([])
        const refused = await call('/instances/prod/preflight', [grant('deployer')])
        expect([refused.status, ((await refused.json()) as Problem).code]).toEqual([
          403,
          'forbidden',
        ])
        InstanceHealth.parse(await get('/instances/prod/health', [grant('viewer')]))
        Capacity.parse(await get('/instances/prod/capacity', [grant('viewer')]))
      })

      it("watches the namespace that a credential's context names, if it may not everywhere", async () => {
        await create('team-a', 'a1', { model: { id: 'x/y' } })
        await create('team-c', 'c1', { model: { id: 'x/y' } })
        const kubeconfig = parse(
          await cluster.kubeconfigFor({ user: await bindReader('team-c') }),
        ) as { contexts: [{ context: Record<string, string> }] }
        kubeconfig.contexts[0].context['namespace'] = 'team-c'
        addInstance('narrow', stringify(kubeconfig))
        await expect
          .poll(() => fleet.list({ instance: 'narrow' }).map(({ name }) => name), soon)
          .toEqual(['c1'])
        expect(fleet.instanceState('narrow', 'team-c')).toEqual({ synced: true, reason: null })
        await create('team-c', 'c2', { model: { id: 'x/y' } })
        await expect.poll(() => fleet.get('narrow', 'team-c', 'c2'), soon).not.toBeNull()
        const seen = (grants: Grant[]) => get<NamespaceList>('/instances/narrow/namespaces', grants)
        expect(await seen([grant('viewer')])).toEqual({
          items: [{ name: 'team-c', abilities: { deploy: false } }],
          complete: false,
        })
        const elsewhere = await seen([grant('viewer', { namespaces: ['team-a'] })])
        expect(elsewhere.items.map(({ name }) => name)).toEqual(['team-a'])
      })

      it('watches where a credential may, if it may not everywhere', async () => {
        await create('team-a', 'a1', { model: { id: 'x/y' } })
        await create('team-b', 'b1', { model: { id: 'x/y' } })
        const user = await bindReader('team-a')
        addInstance('narrow', await cluster.kubeconfigFor({ user }))
        await expect
          .poll(() => fleet.list({ instance: 'narrow' }).map(({ name }) => name), soon)
          .toEqual(['a1'])
        expect(fleet.instanceState('narrow', 'team-a')).toEqual({ synced: true, reason: null })
        expect(fleet.instanceState('narrow', 'team-b').synced).toBe(false)
        const { items, partial } = await get<DeploymentList>('/deployments?instance=narrow', [
          grant('viewer'),
        ])
        expect(items.map(({ name }) => name)).toEqual(['a1'])
        expect(partial).toEqual([
          {
            instance: 'narrow',
            reason: expect.stringContaining('in some namespaces only') as string,
          },
        ])
        expect(JSON.stringify(partial)).not.toContain('team-')
        await create('team-a', 'a2', { model: { id: 'x/y' } })
        await expect.poll(() => fleet.get('narrow', 'team-a', 'a2'), soon).not.toBeNull()
        const { capacity, runtimes, status } = await get<Instance>('/instances/narrow', [
          grant('viewer'),
        ])
        expect(capacity).toMatchObject({ nodes: null, gpus: null })
        expect([runtimes, status.state]).toEqual([null, 'degraded'])
      })

      it('drops what an instance held when it is removed', async () => {
        await create('team-a', 'a1', { model: { id: 'x/y' } })
        await expect.poll(() => fleet.list().length, soon).toBe(1)
        const seen: string[] = []
        fleet.subscribe(({ type }) => type === 'instance' || seen.push(type))
        unlinkSync(join(directory, 'prod.kubeconfig'))
        await expect.poll(() => seen, soon).toEqual(['remove', 'instance-removed'])
        expect(fleet.list()).toEqual([])
      })

      it('keeps its deployments over a new credential for the same cluster', async () => {
        await create('team-a', 'a1', { model: { id: 'x/y' } })
        await expect.poll(() => fleet.list().length, soon).toBe(1)
        const before = instances.find('prod')!.transport
        const seen: string[] = []
        fleet.subscribe(({ type }) => seen.push(type))
        addInstance('prod', cluster.kubeconfig('client-certificate'))
        await expect
          .poll(
            () =>
              instances.find('prod')!.transport !== before && fleet.instanceState('prod').synced,
            soon,
          )
          .toBe(true)
        await create('team-a', 'a2', { model: { id: 'x/y' } })
        await expect.poll(() => fleet.list().length, soon).toBe(2)
        expect(seen.filter((type) => type !== 'instance')).toEqual(['upsert'])
      })

      describe('over HTTP', () => {
        let server: ServerType
        let origin: string

        beforeEach(async () => {
          server = await new Promise<ServerType>((resolve) => {
            const listening = serve(
              { fetch: app.fetch, hostname: '127.0.0.1', port: 0 },
              ({ port }) => {
                origin = `http://127.0.0.1:${port}`
                resolve(listening)
              },
            )
          })
        })

        afterEach(async () => {
          if ('closeAllConnections' in server) server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        })

        it('streams what changes on the cluster, until the reader leaves', async () => {
          const leave = new AbortController()
          const response = await fetch(`${origin}/api/stream`, {
            headers: { 'x-grants': JSON.stringify([grant('viewer', { namespaces: ['team-a'] })]) },
            signal: leave.signal,
          })
          expect(response.headers.get('content-type')).toBe('text/event-stream')
          expect(response.headers.get('cache-control')).toContain('no-store')
          expect(response.headers.get('x-accel-buffering')).toBe('no')
          let text = ''
          const reading = (async () => {
            const decoder = new TextDecoder()
            for await (const chunk of response.body!) text += decoder.decode(chunk as Uint8Array)
          })().catch(() => {})
          await create('team-b', 'hidden', { model: { id: 'x/y' } })
          await create('team-a', 'shown', { model: { id: 'x/y' } })
          await expect.poll(() => text, soon).toContain('"name":"shown"')
          await admin.request({ method: 'DELETE', path: deploymentPath('team-a', 'shown') })
          await expect.poll(() => text, soon).toContain('event: deployment-removed')
          expect(text).not.toContain('hidden')
          leave.abort()
          await reading
          await expect.poll(() => app.openStreams(), soon).toBe(0)
        })

        it('opens nothing for HEAD', async () => {
          const response = await fetch(`${origin}/api/stream`, {
            method: 'HEAD',
            headers: { 'x-grants': JSON.stringify([grant('viewer')]) },
          })
          expect(response.status).toBe(200)
          expect(app.openStreams()).toBe(0)
        })
      })

      function addInstance(id: string, kubeconfig: string): void {
        writeFileSync(join(directory, `${id}.kubeconfig`), kubeconfig)
      }

      /** As the cluster's administrator. */
      function send(method: 'POST' | 'PATCH', path: [string, ...string[]], body: object) {
        return admin.request({
          method,
          path: kubePath(...path),
          body,
          ...(method === 'PATCH' && { contentType: 'application/merge-patch+json' }),
        })
      }

      /** A user who may read deployments and pods of that namespace alone. */
      async function bindReader(namespace: string): Promise<string> {
        const user = `only-${namespace}`
        await send('POST', ['apis', rbacGroup, 'v1', 'namespaces', namespace, 'roles'], {
          apiVersion: `${rbacGroup}/v1`,
          kind: 'Role',
          metadata: { name: user },
          rules: [
            {
              apiGroups: ['airunway.ai'],
              resources: ['modeldeployments'],
              verbs: ['get', 'list', 'watch'],
            },
            { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
          ],
        })
        await send('POST', ['apis', rbacGroup, 'v1', 'namespaces', namespace, 'rolebindings'], {
          apiVersion: `${rbacGroup}/v1`,
          kind: 'RoleBinding',
          metadata: { name: user },
          roleRef: { apiGroup: rbacGroup, kind: 'Role', name: user },
          subjects: [{ apiGroup: rbacGroup, kind: 'User', name: user }],
        })
        return user
      }

      /** A user who may read deployments, and these kinds, in every namespace. */
      async function bindClusterReader(core: string[], devices: string[]): Promise<string> {
        const user = 'reads-some'
        const verbs = ['get', 'list', 'watch']
        await send('POST', ['apis', rbacGroup, 'v1', 'clusterroles'], {
          apiVersion: `${rbacGroup}/v1`,
          kind: 'ClusterRole',
          metadata: { name: user },
          rules: [
            {
              apiGroups: ['airunway.ai'],
              resources: ['modeldeployments', 'inferenceproviderconfigs'],
              verbs,
            },
            { apiGroups: [''], resources: core, verbs },
            { apiGroups: ['resource.k8s.io'], resources: devices, verbs },
          ],
        })
        await send('POST', ['apis', rbacGroup, 'v1', 'clusterrolebindings'], {
          apiVersion: `${rbacGroup}/v1`,
          kind: 'ClusterRoleBinding',
          metadata: { name: user },
          roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: user },
          subjects: [{ apiGroup: rbacGroup, kind: 'User', name: user }],
        })
        return user
      }

      async function call(path: string, grants: Grant[] | null): Promise<Response> {
        const headers = grants && { 'x-grants': JSON.stringify(grants) }
        return app.request(path, { headers: headers ?? {} })
      }

      async function get<T>(path: string, grants: Grant[] | null): Promise<T> {
        const response = await call(path, grants)
        if (response.status !== 200) throw new Error(`${path}: ${await response.text()}`)
        return (await response.json()) as T
      }
    })

    function create(namespace: string, name: string, spec: unknown) {
      return admin.request<KubeObject>({
        method: 'POST',
        path: deploymentPath(namespace),
        query: { fieldValidation: 'Strict' },
        body: {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'ModelDeployment',
          metadata: { name, namespace },
          spec,
        },
      })
    }
  })
}

describe('while the cluster fails', () => {
  let server: ApiServer
  let admin: Transport
  let directory: string
  let instances: Instances
  let fleet: Fleet

  beforeEach(async () => {
    server = await startApiServer({ historyLimit: 5 })
    admin = connect(server.kubeconfig('client-certificate'))
    directory = mkdtempSync(join(tmpdir(), 'hub-fleet-'))
    writeFileSync(join(directory, 'prod.kubeconfig'), server.kubeconfig('service-account-token'))
    instances = createInstances({ directory, policy, log: quietLog, now: () => new Date() })
    fleet = createFleet({ instances, log: quietLog, now: () => new Date() })
    await instances.start()
    await untilSynced(fleet)
  })

  afterEach(async () => {
    await fleet.stop()
    await instances.stop()
    await admin.close({ graceMs: 100 })
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('keeps what it knows, says that it may be old, and catches up by itself', async () => {
    await createIn(admin, 'default', 'before')
    await expect.poll(() => fleet.list().length, soon).toBe(1)
    await server.pause()
    await expect
      .poll(() => fleet.instanceState('prod').reason, { timeout: 20_000 })
      .toMatch(/^Instance "prod" refused the connection\./)
    await expect.poll(() => instances.find('prod')?.status.state, soon).toBe('unreachable')
    expect(fleet.list().map(({ name }) => name)).toEqual(['before'])
    await server.resume()
    instances.probe('prod')
    await expect.poll(() => fleet.instanceState('prod').synced, { timeout: 20_000 }).toBe(true)
    await createIn(admin, 'default', 'after')
    await expect.poll(() => fleet.list().map(({ name }) => name), soon).toEqual(['after', 'before'])
  }, 30_000)

  it('follows AI Runway being removed and installed again', async () => {
    const crds = ['apis', 'apiextensions.k8s.io', 'v1', 'customresourcedefinitions'] as const
    const name = 'modeldeployments.airunway.ai'
    await createIn(admin, 'default', 'before')
    await expect.poll(() => fleet.list().length, soon).toBe(1)
    const { body: crd } = await admin.request<KubeObject>({
      method: 'GET',
      path: kubePath(...crds, name),
    })
    await admin.request({ method: 'DELETE', path: kubePath(...crds, name) })
    await expect
      .poll(
        () => {
          instances.probe('prod')
          return [instances.find('prod')?.status.state, fleet.list().length]
        },
        { timeout: 20_000 },
      )
      .toEqual(['no-crd', 0])
    expect(fleet.knownNamespaces('prod').items).not.toEqual([])
    const { metadata: _, status: __, ...rest } = crd
    await admin.request({
      method: 'POST',
      path: kubePath(...crds),
      body: { ...rest, metadata: { name } },
    })
    await expect
      .poll(
        () => {
          instances.probe('prod')
          return [instances.find('prod')?.status.state, fleet.instanceState('prod').synced]
        },
        { timeout: 20_000 },
      )
      .toEqual(['ready', true])
    await createIn(admin, 'default', 'after')
    await expect.poll(() => fleet.get('prod', 'default', 'after'), soon).not.toBeNull()
  }, 40_000)

  it('lists again when the cluster forgot where the watch stood', async () => {
    const abort = new AbortController()
    const lists: number[] = []
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const done = listWatch({
      transport: {
        ...admin,
        watch: async function* (request) {
          await held
          yield* admin.watch(request)
        },
      },
      path: kubePath('apis', 'airunway.ai', 'v1alpha1', 'modeldeployments'),
      signal: abort.signal,
      read: (object) => object,
      onReplace: (items) => lists.push(items.length),
      onEvent: () => {},
      onState: () => {},
    })
    await expect.poll(() => lists, soon).toEqual([0])
    for (let i = 0; i < 20; i += 1) await createIn(admin, 'default', `n${i}`)
    release()
    await expect.poll(() => lists, soon).toEqual([0, 20])
    abort.abort()
    await done
  })
})

function untilSynced(fleet: Fleet): Promise<void> {
  return vi.waitFor(() => {
    const { reason, synced } = fleet.instanceState('prod')
    if (!synced) throw new Error(reason)
    if (!fleet.knownNamespaces('prod').items) throw new Error('The namespaces are not read.')
  }, soon)
}

function createIn(transport: Transport, namespace: string, name: string) {
  return transport.request<KubeObject>({
    method: 'POST',
    path: deploymentPath(namespace),
    body: {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name, namespace },
      spec: { model: { id: 'x/y' } },
    },
  })
}

function deploymentPath(namespace: string, name?: string) {
  const collection = [
    'apis',
    'airunway.ai',
    'v1alpha1',
    'namespaces',
    namespace,
    'modeldeployments',
  ] as const
  return name === undefined ? kubePath(...collection) : kubePath(...collection, name)
}

function connect(kubeconfig: string, token?: string): Transport {
  const parsed = parseKubeconfig(kubeconfig, policy)
  if (!parsed.ok) throw new Error(parsed.reason)
  const credential = token === undefined ? parsed.credential : { ...parsed.credential, token }
  return createTransport(credential, { version: 'test', addresses: policy })
}

/** The routes behind a sign-in that believes the grants in a header; `openStreams` counts who listens. */
function createApp(instances: Instances, fleet: Fleet, db: Database) {
  let listeners = 0
  const counted: Fleet = {
    ...fleet,
    subscribe: (listener) => {
      const stop = fleet.subscribe(listener)
      listeners += 1
      return () => {
        stop()
        listeners -= 1
      }
    },
  }
  const app = new Hono<HubEnv>()
  app.use(async (c, next) => {
    const grants = c.req.header('x-grants')
    const ctx: RequestContext = contextOf(grants ? (JSON.parse(grants) as Grant[]) : null, {
      signal: c.req.raw.signal,
      db,
    })
    c.set('ctx', ctx)
    await next()
  })
  app.onError((error, c) => answerProblem(c, asAppError(error), 'request-1'))
  const rbacDirectory = fileURLToPath(
    new URL('../../../deploy/kubernetes/instance-rbac', import.meta.url),
  )
  const listDeployments = createDeploymentList({ instances, fleet })
  const listFacets = createFacetList({ instances, fleet }, async () => new Map())
  const streams = createStreams({
    ...nothingGoverned,
    instances,
    fleet: counted,
    reauthenticate: async (ctx) => ctx,
  })
  const parts = { ...nothingGoverned, instances, fleet }
  const operations = [
    ...bindOperations(instanceOperations, { ...parts, rbacDirectory, modelWarnings: () => [] }),
    ...bindOperations(deploymentOperations, { ...parts, listDeployments, listFacets }),
    ...bindOperations(streamOperations, { streams }),
  ]
  mountOperations(app, operations, () => [])
  return {
    fetch: app.fetch,
    request: (path: string, init: RequestInit) => app.request(`/api${path}`, init),
    openStreams: () => listeners,
  }
}
