import { readFile } from 'node:fs/promises'
import { createKubeClient, type Cluster, type KubeClient } from '@hub/demo'
import { DeploymentList, Instance, NamespaceList, Problem } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { clusterKinds } from '../../test/clusters.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { kubePath } from '#kube'

const soon = { timeout: 20_000, interval: 25 }
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const manifest = new URL(
  '../../../deploy/kubernetes/instance-rbac-impersonate/impersonation.yaml',
  import.meta.url,
)

for (const { kind, skip, start } of clusterKinds) {
  describe.skipIf(skip)(`acting for people on ${kind}`, () => {
    let cluster: Cluster
    let client: KubeClient
    let database: TestDatabase
    let identityProvider: OddIdentityProvider
    let hub: TestHub
    let bob: Browser
    let eve: Browser

    beforeAll(async () => {
      ;[cluster, database, identityProvider] = await Promise.all([
        start(),
        databases[0].open(),
        startOddIdentityProvider(),
      ])
      client = createKubeClient(cluster.kubeconfig('client-certificate'))
      for (const document of parseAllDocuments(await readFile(manifest, 'utf8'))) {
        const body = document.toJS() as { kind: string }
        await client.request('POST', `${rbac}/${body.kind.toLowerCase()}s`, { body })
      }
      for (const name of ['ml-team', 'other-team', 'empty-team']) {
        await client.request('POST', '/api/v1/namespaces', {
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        })
      }
      await bind('viewer', ['get', 'list', 'watch'])
      await bind('viewer', ['get', 'list', 'watch'], 'empty-team')
      await bind('deployer', ['create', 'update', 'patch', 'delete'])
      await create('other-team', 'foreign')
      await create('ml-team', 'ours')
      hub = await startHub({
        db: database.db,
        identityProvider,
        credentials: { 'prod-east': cluster.kubeconfig('service-account-token') },
        env: {
          HUB_ACCESS_MODES: 'prod-east=impersonate',
          HUB_ADMINS: 'oidc:ada',
          HUB_GRANTS: JSON.stringify([
            { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod-east' },
            { principal: 'oidc:eve', role: 'viewer' },
          ]),
        },
      })
      bob = hub.browser()
      eve = hub.browser()
      await bob.signIn('bob')
      await eve.signIn('eve')
      await vi.waitFor(async () => expect((await listFor(bob)).partial).toEqual([]), soon)
      await vi.waitFor(() => expect(hub.fleet.list()).toHaveLength(2), soon)
      hub.advance(31_000)
    }, 90_000)
    afterAll(async () => {
      await hub?.stop()
      await client?.close()
      await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
    }, 60_000)

    const bind = async (role: 'viewer' | 'deployer', verbs: string[], namespace = 'ml-team') => {
      const metadata = { name: `hub-${role}`, namespace }
      const collection = `${rbac}/namespaces/${namespace}`
      await client.request('POST', `${collection}/roles`, {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata,
          rules: [{ apiGroups: ['airunway.ai'], resources: ['modeldeployments'], verbs }],
        },
      })
      await client.request('POST', `${collection}/rolebindings`, {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `hub:${role}` }],
        },
      })
    }
    const spec = {
      model: { id: 'Qwen/Qwen3-8B' },
      engine: { type: 'vllm' },
      resources: { gpu: { count: 1 } },
    }
    const create = (namespace: string, name: string) =>
      client.request(
        'POST',
        `/apis/airunway.ai/v1alpha1/namespaces/${namespace}/modeldeployments`,
        {
          body: {
            apiVersion: 'airunway.ai/v1alpha1',
            kind: 'ModelDeployment',
            metadata: { name, namespace },
            spec,
          },
        },
      )
    const collectionOf = (namespace: string) =>
      `/api/instances/prod-east/namespaces/${namespace}/deployments`
    const listFor = async (browser: Browser) =>
      DeploymentList.parse(await (await browser.get('/api/deployments')).json())
    const namesFor = async (browser: Browser) =>
      (await listFor(browser)).items.map(({ name }) => name)

    test('whoever reads first, and follows from where that began, is not told to read again', async () => {
      const me = await bob.get('/api/auth/me')
      const since = new URLSearchParams({ since: me.headers.get('stream-position')! })
      const { close, events } = readEvents(await bob.get(`/api/stream?${since.toString()}`))
      await vi.waitFor(() => expect(events).not.toEqual([]), soon)
      expect(events[0]).toEqual({ type: 'access-requests' })
      await close()
    })

    test('the instance says how it is asked', async () => {
      const instance = Instance.parse(await (await bob.get('/api/instances/prod-east')).json())
      expect(instance).toMatchObject({ accessMode: 'impersonate', status: { state: 'ready' } })
    })

    test('the cluster takes the person and both groups, each as one', async () => {
      const { transport } = hub.instances.find('prod-east')!
      const { body } = await transport.request({
        method: 'POST',
        path: kubePath('apis', 'authentication.k8s.io', 'v1', 'selfsubjectreviews'),
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
        impersonate: { user: 'hub:oidc:bob', groups: ['hub:deployer', 'hub:viewer'] },
      })
      expect(body).toMatchObject({
        status: {
          userInfo: {
            username: 'hub:oidc:bob',
            groups: ['hub:deployer', 'hub:viewer', 'system:authenticated'],
          },
        },
      })
    })

    test("the cluster itself refuses a group that is not the hub's", async () => {
      const { transport } = hub.instances.find('prod-east')!
      const asked = transport.request({
        method: 'GET',
        path: kubePath('api', 'v1', 'namespaces'),
        impersonate: { user: 'hub:oidc:bob', groups: ['cluster-admins'] },
      })
      await expect(asked).rejects.toMatchObject({ kind: 'forbidden' })
    })

    test('its own RBAC decides what a person may create, though the hub allows it', async () => {
      const allowed = await bob.send('POST', collectionOf('ml-team'), { name: 'mine', spec })
      expect(allowed.status).toBe(201)
      const refused = await bob.send('POST', collectionOf('other-team'), { name: 'mine', spec })
      expect(refused.status).toBe(403)
      const problem = Problem.parse(await refused.json())
      expect(problem.code).toBe('instance-forbidden')
      expect(problem.detail).toContain('"prod-east" does not let you do this')
      expect(problem.detail).toContain('User "hub:oidc:bob" cannot create resource')
      expect((await bob.send('DELETE', `${collectionOf('ml-team')}/mine`)).status).toBe(202)
      await vi.waitFor(async () => expect(await namesFor(bob)).not.toContain('mine'), soon)
    })

    test('and what they see from memory, in lists, counts, single reads and namespaces', async () => {
      expect(hub.fleet.list().map(({ name }) => name)).toContain('foreign')
      for (const browser of [bob, eve]) {
        expect(await namesFor(browser)).toEqual(['ours'])
        const instance = Instance.parse(
          await (await browser.get('/api/instances/prod-east')).json(),
        )
        expect(instance.deploymentCount).toBe(1)
        expect((await browser.get(`${collectionOf('ml-team')}/ours`)).status).toBe(200)
        expect((await browser.get(`${collectionOf('other-team')}/foreign`)).status).toBe(403)
        expect((await browser.get(`${collectionOf('other-team')}/nothing`)).status).toBe(403)
        const namespaces = NamespaceList.parse(
          await (await browser.get('/api/instances/prod-east/namespaces')).json(),
        )
        expect(namespaces.items.map(({ name }) => name)).toEqual(['empty-team', 'ml-team'])
      }
    })

    test('streams bring what the cluster lets the person see, and nothing else', async () => {
      const stream = readEvents(await eve.get('/api/stream'))
      await create('other-team', 'foreign-too')
      await create('ml-team', 'ours-too')
      const seen = () =>
        stream.events.flatMap((event) =>
          event.type === 'deployment' ? [event.deployment.name] : [],
        )
      await vi.waitFor(() => expect(seen()).toContain('ours-too'), soon)
      expect(seen()).not.toContain('foreign-too')
      expect(JSON.stringify(stream.events)).not.toContain('other-team')
      await stream.close()
    })

    test('a binding that is taken away counts 30 s later', async () => {
      expect(await namesFor(eve)).toContain('ours')
      await client.request('DELETE', `${rbac}/namespaces/ml-team/rolebindings/hub-viewer`)
      hub.advance(31_000)
      await vi.waitFor(async () => {
        hub.advance(31_000)
        expect(await namesFor(eve)).toEqual([])
      }, soon)
      expect(await namesFor(bob)).toEqual([])
    })
  })
}
