import {
  createKubeClient,
  fastTimeline,
  startController,
  type Cluster,
  type ClusterAuthentication,
  type Controller,
} from '@hub/demo'
import {
  Capacity,
  Deployment,
  DeploymentList,
  Instance,
  InstanceHealth,
  NamespaceList,
  Preflight,
  Problem,
} from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import { clusterKinds } from '../../test/clusters.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'

const collection = '/api/instances/prod-east/namespaces/ml-team/deployments'
const soon = { timeout: 20_000, interval: 25 }

const credentials: ClusterAuthentication[] = ['client-certificate', 'service-account-token']
const hubs = databases.flatMap((database) =>
  credentials.map((credential) => ({ ...database, credential })),
)

for (const { kind, skip, start } of clusterKinds) {
  describe.skipIf(skip)(`deployments on ${kind}`, () => {
    let cluster: Cluster
    let controller: Controller

    beforeAll(async () => {
      cluster = await start()
      const kubeconfig = cluster.kubeconfig('client-certificate')
      const client = createKubeClient(kubeconfig)
      for (const name of ['ml-team', 'other-team']) {
        await client.request('POST', '/api/v1/namespaces', {
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        })
      }
      await client.close()
      controller = startController({ kubeconfig, timeline: fastTimeline })
    }, 90_000)
    afterAll(async () => {
      await controller?.stop()
      await cluster?.stop()
    }, 60_000)

    describe.each(hubs)('by $credential, on $dialect', ({ credential, dialect, open }) => {
      let database: TestDatabase
      let identityProvider: OddIdentityProvider
      let hub: TestHub
      let deployer: Browser
      const prefix = `${dialect}-${credential.slice(0, 6)}`

      beforeAll(async () => {
        ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
        hub = await startHub({
          db: database.db,
          identityProvider,
          credentials: { 'prod-east': cluster.kubeconfig(credential) },
          env: {
            HUB_GRANTS: JSON.stringify([
              {
                principal: 'oidc:bob',
                role: 'deployer',
                instanceId: 'prod-east',
                namespaces: ['ml-team'],
              },
              { principal: 'oidc:eve', role: 'viewer', namespaces: ['other-team'] },
              { principal: 'oidc:ada', role: 'admin' },
            ]),
          },
        })
        deployer = hub.browser()
        await deployer.signIn('bob')
        await vi.waitFor(async () => {
          const list = await read(DeploymentList, await deployer.get('/api/deployments'))
          expect(list.partial).toEqual([])
        }, soon)
      })
      afterAll(async () => {
        await hub?.stop()
        await Promise.all([database?.dispose(), identityProvider?.stop()])
      })

      const read = async <T>(
        schema: { parse(value: unknown): T },
        response: Response,
      ): Promise<T> => schema.parse(await response.json())
      const manifest = (name: string, spec: Record<string, unknown> = {}) => ({
        name,
        spec: {
          model: { id: 'Qwen/Qwen3-8B' },
          engine: { type: 'vllm' },
          resources: { gpu: { count: 1 } },
          ...spec,
        },
      })

      test('the instance is ready, and offers the namespaces the caller may deploy to', async () => {
        const instance = await read(Instance, await deployer.get('/api/instances/prod-east'))
        expect(instance).toMatchObject({
          status: { state: 'ready', reason: null },
          apiGroup: 'airunway.ai',
          kubernetesVersion: expect.stringMatching(/^v1\.\d+/),
          abilities: { deploy: true },
        })
        // They are read beside the deployments, and may come a moment later.
        await vi.waitFor(async () => {
          const namespaces = await deployer.get('/api/instances/prod-east/namespaces')
          expect((await read(NamespaceList, namespaces)).items).toEqual([
            { name: 'ml-team', abilities: { deploy: true } },
          ])
        }, soon)
      })

      test('the fleet is paged, kept by ETag and compressed, for what the caller may see', async () => {
        const names = 'abcdefgh'.split('').map((letter) => `${prefix}-page-${letter}`)
        for (const name of names) {
          expect((await deployer.send('POST', collection, manifest(name))).status).toBe(201)
        }
        const ask = async (query: string) =>
          read(DeploymentList, await deployer.get(`/api/deployments?q=${prefix}-page&${query}`))
        const first = await ask('limit=5&sort=-name')
        const second = await ask(`limit=5&sort=-name&cursor=${first.next}`)
        expect([first.total, second.total, second.next]).toEqual([8, 8, null])
        expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(
          names.toReversed(),
        )

        const outsider = hub.browser()
        await outsider.signIn('eve')
        const theirs = await outsider.get('/api/deployments')
        expect(await read(DeploymentList, theirs)).toMatchObject({
          items: [],
          total: 0,
          counts: { running: 0, starting: 0, attention: 0, deleting: 0 },
          next: null,
        })
        const etag = theirs.headers.get('etag')!
        const again = await outsider.request('/api/deployments', {
          headers: { 'if-none-match': etag },
        })
        expect([again.status, await again.text()]).toEqual([304, ''])
        expect(
          (await deployer.request('/api/deployments', { headers: { 'if-none-match': etag } }))
            .status,
        ).toBe(200)
        const packed = await deployer.request('/api/deployments', {
          headers: { 'accept-encoding': 'br' },
        })
        expect(packed.headers.get('content-encoding')).toBe('br')
        const head = await deployer.request('/api/deployments', { method: 'HEAD' })
        expect([head.status, await head.text()]).toEqual([200, ''])
        expect((await hub.browser().get('/api/deployments')).status).toBe(401)
        for (const name of names) await deployer.send('DELETE', `${collection}/${name}`)
      })

      test('health and capacity are for who sees the instance, preflight for administrators', async () => {
        const at = '/api/instances/prod-east'
        const health = await read(InstanceHealth, await deployer.get(`${at}/health`))
        expect(health).toMatchObject({ instance: 'prod-east', status: { state: 'ready' } })
        await read(Capacity, await deployer.get(`${at}/capacity`))
        expect((await deployer.get(`${at}/preflight`)).status).toBe(403)
        const admin = hub.browser()
        await admin.signIn('ada')
        const { features } = await read(Preflight, await admin.get(`${at}/preflight`))
        expect(features.filter(({ missing, required }) => required && missing.length > 0)).toEqual(
          [],
        )
        for (const part of ['health', 'capacity', 'preflight']) {
          expect((await hub.browser().get(`${at}/${part}`)).status).toBe(401)
          expect((await admin.get(`/api/instances/nowhere/${part}`)).status).toBe(404)
        }
      })

      test('one person has at most eight streams', async () => {
        const streams = []
        for (let i = 0; i < 8; i += 1) streams.push(readEvents(await deployer.get('/api/stream')))
        const ninth = await deployer.get('/api/stream')
        expect(ninth.status).toBe(429)
        expect(ninth.headers.get('retry-after')).toBe('30')
        expect((await read(Problem, ninth)).code).toBe('too-many-streams')
        await streams[0]!.close()
        streams[0] = readEvents(await deployer.get('/api/stream'))
        for (const stream of streams) await stream.close()
      })

      test('create → list → watch it come up → delete, with an audit row for each step', async () => {
        const name = `${prefix}-journey`
        const stream = readEvents(await deployer.get('/api/stream'))
        const phases = () =>
          stream.events.flatMap((event) =>
            event.type === 'deployment' && event.deployment.name === name
              ? [event.deployment.phase]
              : [],
          )

        const created = await deployer.send('POST', collection, manifest(name))
        expect(created.status).toBe(201)
        expect(await read(Deployment, created)).toMatchObject({
          instance: 'prod-east',
          namespace: 'ml-team',
          name,
          model: { id: 'Qwen/Qwen3-8B' },
          createdBy: 'oidc:bob',
          abilities: { update: true, delete: true },
        })
        const list = await read(
          DeploymentList,
          await deployer.get('/api/deployments?instance=prod-east'),
        )
        expect(list.items.map((item) => item.name)).toContain(name)

        await vi.waitFor(() => expect(phases().at(-1)).toBe('Running'), soon)
        expect(phases()).toContain('Deploying')
        const running = await read(Deployment, await deployer.get(`${collection}/${name}`))
        expect(running).toMatchObject({
          phase: 'Running',
          engine: 'vllm',
          replicas: { desired: 1, ready: 1 },
        })
        expect(running.conditions.find(({ type }) => type === 'Ready')?.status).toBe('True')

        const deleted = await deployer.send('DELETE', `${collection}/${name}`)
        expect(deleted.status).toBe(202)
        expect((await read(Deployment, deleted)).deletingSince).not.toBeNull()
        await vi.waitFor(async () => {
          expect((await deployer.get(`${collection}/${name}`)).status).toBe(404)
          const isRemoved = stream.events.some(
            (event) => event.type === 'deployment-removed' && event.name === name,
          )
          expect(isRemoved).toBe(true)
        }, soon)
        await stream.close()

        const rows = await selectAuditRows(database.db, 20)
        const ours = rows.filter(({ target }) => target?.['name'] === name).toReversed()
        expect(ours.map(({ action, outcome }) => [action, outcome])).toEqual([
          ['deployment.create', 'attempt'],
          ['deployment.create', 'success'],
          ['deployment.delete', 'attempt'],
          ['deployment.delete', 'success'],
        ])
        expect(ours[1]).toMatchObject({
          actor: 'oidc:bob',
          clusterAuditId: `hub-${ours[1]!.requestId}`,
          after: { spec: { model: { id: 'Qwen/Qwen3-8B' } } },
        })
      })

      test('a dry run answers what would be kept, and keeps nothing', async () => {
        const name = `${prefix}-dry`
        const answer = await deployer.send('POST', `${collection}?dryRun=All`, manifest(name))
        expect(answer.status).toBe(200)
        expect(await read(Deployment, answer)).toMatchObject({
          name,
          model: { source: 'huggingface' },
        })
        expect((await deployer.get(`${collection}/${name}`)).status).toBe(404)
        const rows = await selectAuditRows(database.db, 5)
        expect(rows.filter(({ target }) => target?.['name'] === name)).toEqual([])
      })

      test('a name that is taken is a conflict, and its audit row says so', async () => {
        const name = `${prefix}-twice`
        expect((await deployer.send('POST', collection, manifest(name))).status).toBe(201)
        const again = await deployer.send('POST', collection, manifest(name))
        expect(again.status).toBe(409)
        expect(await read(Problem, again)).toMatchObject({ code: 'deployment-exists' })
        const [row] = await selectAuditRows(database.db, 1)
        expect(row).toMatchObject({ outcome: 'failure', reason: 'deployment-exists' })
        await deployer.send('DELETE', `${collection}/${name}`)
      })

      test('deleting what is not there is a 404 with a sentence', async () => {
        const gone = await deployer.send('DELETE', `${collection}/${prefix}-never`)
        expect(gone.status).toBe(404)
        expect((await read(Problem, gone)).detail).toContain('It may have been deleted')
      })

      test('what kubectl does is seen as soon as what the hub does', async () => {
        const name = `${prefix}-kubectl`
        const client = createKubeClient(cluster.kubeconfig('client-certificate'))
        const path = '/apis/airunway.ai/v1alpha1/namespaces/ml-team/modeldeployments'
        await client.request('POST', path, {
          body: {
            apiVersion: 'airunway.ai/v1alpha1',
            kind: 'ModelDeployment',
            metadata: { name },
            spec: { model: { id: 'a/b' }, engine: { type: 'vllm' } },
          },
        })
        await vi.waitFor(async () => {
          const seen = await read(Deployment, await deployer.get(`${collection}/${name}`))
          expect(seen.createdBy).toBeNull()
        }, soon)
        await client.request('DELETE', `${path}/${name}`)
        await vi.waitFor(async () => {
          expect((await deployer.get(`${collection}/${name}`)).status).toBe(404)
        }, soon)
        await client.close()
      })

      test('nobody sees a namespace that is not theirs, in lists, counts and streams', async () => {
        const viewer = hub.browser()
        await viewer.signIn('eve')
        const stream = readEvents(await viewer.get('/api/stream'))
        const name = `${prefix}-hidden`
        expect((await deployer.send('POST', collection, manifest(name))).status).toBe(201)
        await vi.waitFor(async () => {
          const own = await read(Deployment, await deployer.get(`${collection}/${name}`))
          expect(own.phase).toBe('Running')
        }, soon)
        expect((await read(DeploymentList, await viewer.get('/api/deployments'))).items).toEqual([])
        const instance = await read(Instance, await viewer.get('/api/instances/prod-east'))
        expect(instance).toMatchObject({ deploymentCount: 0, abilities: { deploy: false } })
        expect(stream.events.filter(({ type }) => type.startsWith('deployment'))).toEqual([])
        await stream.close()
        await deployer.send('DELETE', `${collection}/${name}`)
      })
    })
  })
}
