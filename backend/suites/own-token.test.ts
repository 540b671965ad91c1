import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createCertificateAuthority,
  createKubeClient,
  issueServerCertificate,
  startControlPlane,
  type ControlPlane,
  type KubeClient,
} from '@hub/demo'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connectAgent } from '../test/agent.ts'
import { audiences, startClusterRealm, type ClusterRealm } from '../test/cluster-realm.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { socketOf, startHub, type TestHub } from '../test/hub.ts'
import { signInUser } from '../src/people/index.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const home = process.env['KEYCLOAK_HOME']

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const people = ['vera', 'rosa'] as const
const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }
const viewerRules = [
  {
    apiGroups: ['airunway.ai'],
    resources: ['modeldeployments'],
    verbs: ['get', 'list', 'watch', 'create'],
  },
  { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list', 'watch'] },
]

describe.skipIf(!assets || !home)('a real cluster asked with the own token of people', () => {
  let realm: ClusterRealm
  let cluster: ControlPlane
  let client: KubeClient
  let database: TestDatabase
  let hub: TestHub
  const undo: (() => unknown)[] = []

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-own-token-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const authority = await createCertificateAuthority('identity')
    const tls = await issueServerCertificate(authority, { commonName: 'keycloak' })
    realm = await startClusterRealm({
      home: home!,
      tls,
      authority: authority.certificate,
      people,
    })
    undo.push(realm.stop)
    const configuration = join(folder, 'authentication.json')
    await writeFile(
      configuration,
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AuthenticationConfiguration',
        jwt: [
          {
            issuer: {
              url: realm.issuer,
              audiences: [audiences.cluster],
              certificateAuthority: authority.certificate,
            },
            claimMappings: { username: { claim: 'preferred_username', prefix: 'kc:' } },
          },
        ],
      }),
    )
    cluster = await startControlPlane({
      assets: assets!,
      audit: true,
      apiServerFlags: [`--authentication-config=${configuration}`],
    })
    undo.push(() => cluster.stop())
    client = createKubeClient(cluster.kubeconfig('client-certificate'))
    undo.push(() => client.close())
    await client.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ml-team' } },
    })
    await client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'kubeairunway-hub-viewer' },
        rules: viewerRules,
      },
    })
    await client.request('POST', '/apis/airunway.ai/v1alpha1/namespaces/ml-team/modeldeployments', {
      body: {
        apiVersion: 'airunway.ai/v1alpha1',
        kind: 'ModelDeployment',
        metadata: { name: 'qwen' },
        spec,
      },
    })
    database = await databases[0].open()
    undo.push(() => database.dispose())
    const kubeconfig = cluster.kubeconfig('client-certificate')
    hub = await startHub({
      db: database.db,
      fetch: realm.fetch,
      credentials: { pass: kubeconfig, swap: kubeconfig, plain: kubeconfig },
      env: {
        OAUTH_ISSUER_URL: realm.issuer,
        OAUTH_AUDIENCE: audiences.hub,
        OIDC_PROVIDER_ISSUER: realm.issuer,
        OIDC_PROVIDER_CLIENT_ID: 'portal',
        OIDC_PROVIDER_CLIENT_SECRET: realm.portalSecret,
        HUB_ACCESS_MODES: 'pass=passthrough,swap=exchange',
        HUB_EXCHANGE_CLIENTS: `*=${audiences.hub};${realm.exchangeSecret}`,
        HUB_GRANTS: JSON.stringify(
          await Promise.all(
            people.map(async (name) => ({
              principal: `oidc:${decodeJwt(await realm.token(name)).sub}`,
              role: 'deployer',
            })),
          ),
        ),
      },
    })
    undo.push(() => hub.stop())
    for (const name of people) await makeKnown(name)
    for (const instanceId of ['pass', 'swap']) await writeProfile(instanceId)
    await vi.waitFor(
      () => {
        for (const id of ['pass', 'swap']) {
          expect(hub.fleet.instanceState(id).synced).toBe(true)
        }
      },
      { timeout: 30_000 },
    )
  })

  afterAll(async () => {
    for (const end of undo.toReversed()) await end()
  })

  const makeKnown = async (username: string) => {
    const { sub } = decodeJwt(await realm.token(username))
    await database.db.transaction((tx) =>
      signInUser(
        tx,
        {
          provider: 'oidc',
          issuer: realm.issuer,
          subject: sub!,
          principal: `oidc:${sub}`,
          displayName: username,
          email: null,
          isEmailVerified: true,
          clientId: 'portal',
          providerSessionId: null,
          idToken: null,
          authenticatedAt: new Date(),
          tokens: null,
          groupsState: 'fresh',
          groups: [],
        },
        null,
        new Date(),
      ),
    )
  }

  const writeProfile = (instanceId: string) =>
    database.db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.oidcProfiles).values({
        instanceId,
        profile: {
          issuer: realm.issuer,
          clientId: audiences.cluster,
          usernameClaim: 'preferred_username',
          usernamePrefix: 'kc:',
        },
        changedAt: new Date(),
        changedBy: 'test',
      })
    })

  const ask = async (token: string, path: string, init: RequestInit = {}) => {
    const headers = new Headers({
      host: 'localhost:3001',
      authorization: `Bearer ${token}`,
      ...(init.body ? { 'content-type': 'application/json' } : {}),
    })
    const answer = await hub.app.request(
      `http://localhost:3001${path}`,
      { ...init, headers },
      socketOf('10.9.9.9', headers),
    )
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as Record<string, unknown>,
    }
  }

  const bind = (name: string, subject: string) =>
    client.request('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/ml-team/rolebindings', {
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'kubeairunway-hub-viewer',
        },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: subject }],
      },
    })

  const eventsOf = async (username: string, verb: string, resource: string) =>
    (await cluster.auditEvents()).filter(
      (event) =>
        event.user.username === username &&
        event.verb === verb &&
        event.objectRef?.resource === resource,
    )

  test.each(['pass', 'swap'])(
    'on %s: refused with the way out, and then let by the binding alone',
    async (instance) => {
      const token = await realm.token('vera')
      const collection = `/api/instances/${instance}/namespaces/ml-team/deployments`
      const refused = await ask(token, `${collection}/qwen`)
      expect(refused.body.detail).toContain('kc:vera')
      expect(refused.body.detail).toContain('kubectl create rolebinding')
      expect(refused.status).toBe(403)
    },
  )

  test.each(['pass', 'swap'])(
    'on %s: the audit log of the cluster names the person',
    async (instance) => {
      const token = await realm.token('vera')
      const collection = `/api/instances/${instance}/namespaces/ml-team/deployments`
      if (instance === 'pass') await bind('vera', 'kc:vera')
      hub.advance(31_000)
      const read = await ask(token, `${collection}/qwen`)
      expect(read.body).toMatchObject({ name: 'qwen' })
      const made = await ask(token, collection, {
        method: 'POST',
        body: JSON.stringify({ name: `by-${instance}`, spec }),
      })
      expect(made.status).toBe(201)
      const created = await eventsOf('kc:vera', 'create', 'modeldeployments')
      expect(created.map(({ objectRef }) => objectRef?.name)).toContain(`by-${instance}`)
      const agent = await connectAgent(hub, token)
      const pods = await agent.call('list_pods', { instance, namespace: 'ml-team', name: 'qwen' })
      expect(pods.text).not.toContain('rror')
      expect(pods.isError).toBeUndefined()
      await agent.close()
      expect((await eventsOf('kc:vera', 'list', 'pods')).length).toBeGreaterThan(0)
    },
  )
})
