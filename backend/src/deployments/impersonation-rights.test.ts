import { fileURLToPath } from 'node:url'
import {
  applyManifests,
  createKubeClient,
  readManifests,
  type Cluster,
  type KubeClient,
} from '@hub/demo'
import {
  Deployment,
  DeploymentList,
  Instance,
  NamespaceList,
  Preflight,
  Problem,
} from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { clusterKinds } from '../../test/clusters.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'

const soon = { timeout: 20_000, interval: 25 }
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const impersonator = 'kubeairunway-hub-impersonator'
const manifestPath = (file: string) =>
  fileURLToPath(
    new URL(`../../../deploy/kubernetes/instance-rbac-impersonate/${file}`, import.meta.url),
  )

for (const { kind, skip, start } of clusterKinds) {
  describe.skipIf(skip)(`what a cluster lets the hub do for people, on ${kind}`, () => {
    let cluster: Cluster
    let client: KubeClient
    let database: TestDatabase
    let identityProvider: OddIdentityProvider
    let hub: TestHub
    let ada: Browser
    let bob: Browser

    beforeAll(async () => {
      ;[cluster, database, identityProvider] = await Promise.all([
        start(),
        databases[0].open(),
        startOddIdentityProvider(),
      ])
      client = createKubeClient(cluster.kubeconfig('client-certificate'))
      for (const name of ['ml-team', 'read-only', 'hidden']) {
        await client.request('POST', '/api/v1/namespaces', {
          body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        })
        await client.request('POST', collection(name), {
          body: {
            apiVersion: 'airunway.ai/v1alpha1',
            kind: 'ModelDeployment',
            metadata: { name: `in-${name}`, namespace: name },
            spec: { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } },
          },
        })
      }
      await bind('viewer', ['get', 'list', 'watch'], 'ml-team')
      await bind('viewer', ['get', 'list', 'watch'], 'read-only')
      await bind('deployer', ['create', 'patch', 'delete'], 'ml-team')
      hub = await startHub({
        db: database.db,
        identityProvider,
        credentials: { 'prod-east': cluster.kubeconfig('service-account-token') },
        env: {
          HUB_ACCESS_MODES: 'prod-east=impersonate',
          HUB_ADMINS: 'oidc:ada',
          HUB_GRANTS: JSON.stringify([{ principal: 'oidc:bob', role: 'deployer' }]),
        },
      })
      ada = hub.browser()
      bob = hub.browser()
      await ada.signIn('ada')
      await bob.signIn('bob')
      await vi.waitFor(() => expect(hub.fleet.list()).toHaveLength(3), soon)
      await vi.waitFor(
        () => expect(hub.fleet.knownNamespaces('prod-east').items).not.toBeNull(),
        soon,
      )
    }, 90_000)
    afterAll(async () => {
      await hub?.stop()
      await client?.close()
      await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
    }, 60_000)

    const collection = (namespace: string) =>
      `/apis/airunway.ai/v1alpha1/namespaces/${namespace}/modeldeployments`
    const bind = async (role: string, verbs: string[], namespace: string) => {
      const metadata = { name: `hub-${role}`, namespace }
      const path = `${rbac}/namespaces/${namespace}`
      await client.request('POST', `${path}/roles`, {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata,
          rules: [{ apiGroups: ['airunway.ai'], resources: ['modeldeployments'], verbs }],
        },
      })
      await client.request('POST', `${path}/rolebindings`, {
        body: {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `hub:${role}` }],
        },
      })
    }
    const at = (namespace: string) =>
      `/api/instances/prod-east/namespaces/${namespace}/deployments/in-${namespace}`
    const listFor = async (browser: Browser) =>
      DeploymentList.parse(await (await browser.get('/api/deployments')).json())
    const instanceFor = async (browser: Browser) =>
      Instance.parse(await (await browser.get('/api/instances/prod-east')).json())
    const preflight = async () =>
      Preflight.parse(await (await ada.get('/api/instances/prod-east/preflight')).json())
    const acting = ({ features }: Preflight) =>
      features.find(({ name }) => name === 'Acting for people')

    test('H48: without the right to impersonate, nothing is empty in silence', async () => {
      const words = /may not act for people on instance "prod-east".*instance-rbac-impersonate/
      await vi.waitFor(async () => {
        for (const browser of [ada, bob]) {
          const { status } = await instanceFor(browser)
          expect(status.state).toBe('degraded')
          expect(status.reason).toMatch(words)
          expect(status.reason).toContain(`ClusterRoleBinding "${impersonator}"`)
        }
      }, soon)
      const list = await listFor(bob)
      expect(list.total).toBe(0)
      expect(list.partial).toMatchObject([
        { instance: 'prod-east', reason: expect.stringMatching(words) as string },
      ])
      for (const path of [at('ml-team'), '/api/instances/prod-east/namespaces']) {
        const refused = await bob.get(path)
        expect(refused.status).toBe(503)
        expect(Problem.parse(await refused.json())).toMatchObject({
          code: 'instance-not-ready',
          detail: expect.stringMatching(words) as string,
        })
      }
    })

    test('H48: preflight names what is missing and prints the manifest for it', async () => {
      const checked = await preflight()
      expect(acting(checked)).toMatchObject({
        required: true,
        missing: [
          { verb: 'impersonate', resource: 'users' },
          { verb: 'impersonate', resource: 'groups', name: 'hub:viewer' },
          { verb: 'impersonate', resource: 'groups', name: 'hub:deployer' },
          { verb: 'impersonate', resource: 'groups', name: 'hub:admin' },
        ],
      })
      expect(checked.manifest).toContain(`name: ${impersonator}`)
      expect(checked.manifest).toContain('name: kubeairunway-hub-deployer')
    })

    test('H48: a change says what is missing too', async () => {
      const refused = await bob.send(
        'POST',
        '/api/instances/prod-east/namespaces/ml-team/deployments',
        { name: 'mine', spec: { model: { id: 'Qwen/Qwen3-8B' } } },
      )
      expect(refused.status).toBe(403)
      const { code, detail } = Problem.parse(await refused.json())
      expect(code).toBe('instance-forbidden')
      expect(detail).toContain('deploy/kubernetes/instance-rbac-impersonate')
      expect(detail).not.toContain('bind your user')
    })

    test('H48: once the manifest is applied, all is as the cluster says', async () => {
      await applyManifests(client, await readManifests(manifestPath('impersonation.yaml')))
      await vi.waitFor(async () => {
        hub.advance(6_000)
        expect((await instanceFor(bob)).status.state).toBe('ready')
        const { items, partial } = await listFor(bob)
        expect(partial).toEqual([])
        expect(items.map(({ name }) => name)).toEqual(['in-ml-team', 'in-read-only'])
      }, soon)
      expect(acting(await preflight())).toMatchObject({ missing: [] })
    })

    test("H48: abilities follow the cluster's RBAC, and its refusal is its own word", async () => {
      await vi.waitFor(async () => {
        hub.advance(6_000)
        const { items } = await listFor(bob)
        expect(items.map(({ abilities, name }) => [name, abilities])).toEqual([
          ['in-ml-team', { update: true, delete: true }],
          ['in-read-only', { update: false, delete: false }],
        ])
      }, soon)
      const one = Deployment.parse(await (await bob.get(at('read-only'))).json())
      expect(one.abilities).toEqual({ update: false, delete: false })
      const namespaces = NamespaceList.parse(
        await (await bob.get('/api/instances/prod-east/namespaces')).json(),
      )
      expect(namespaces.items.map(({ abilities, name }) => [name, abilities.deploy])).toEqual([
        ['ml-team', true],
        ['read-only', false],
      ])
      expect((await instanceFor(bob)).abilities.deploy).toBe(true)
      const hidden = await bob.get(at('hidden'))
      expect(hidden.status).toBe(403)
      const { code, detail } = Problem.parse(await hidden.json())
      expect(code).toBe('forbidden')
      expect(detail).toMatch(/^Kubernetes on "prod-east" does not let you see deployments/)
      // Asked by one who knows better than the button: the cluster answers.
      const refused = await bob.send('DELETE', at('read-only'))
      const problem = Problem.parse(await refused.json())
      expect(problem.code).toBe('instance-forbidden')
      expect(problem.detail).toMatch(/^Kubernetes on "prod-east" does not let you do this: /)
    })
  })
}
