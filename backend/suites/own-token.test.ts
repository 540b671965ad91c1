import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createKubeClient,
  startControlPlane,
  type AuditEvent,
  type ControlPlane,
  type KubeClient,
} from '@hub/demo'
import { eq } from 'drizzle-orm'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connectAgent } from '../test/agent.ts'
import { audiences, joinClusterRealm, type ClusterRealm } from '../test/cluster-realm.ts'
import { readContents } from '../test/database-contents.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { socketOf, startHub, type TestHub } from '../test/hub.ts'
import { selectAuditRows } from '../src/audit/index.ts'
import { signInUser } from '../src/people/index.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const home = process.env['KEYCLOAK_HOME']

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const people = ['vera', 'rosa', 'zoe'] as const
const stranger = 'nova'
const instances = ['pass', 'swap', 'alone'] as const
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
    realm = await joinClusterRealm({ people: [...people, stranger] })
    undo.push(realm.leave)
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
              certificateAuthority: realm.authority,
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
      credentials: { pass: kubeconfig, swap: kubeconfig, alone: kubeconfig },
      env: {
        OAUTH_ISSUER_URL: realm.issuer,
        OAUTH_AUDIENCE: audiences.hub,
        OIDC_PROVIDER_ISSUER: realm.issuer,
        OIDC_PROVIDER_CLIENT_ID: 'portal',
        OIDC_PROVIDER_CLIENT_SECRET: realm.portalSecret,
        HUB_ACCESS_MODES: 'pass=passthrough,swap=exchange,alone=passthrough;rights:cluster',
        HUB_EXCHANGE_CLIENTS: `*=${audiences.hub};${realm.exchangeSecret}`,
        HUB_GRANTS: JSON.stringify(
          await Promise.all(
            people.slice(0, 2).map(async (name) => ({
              principal: `oidc:${decodeJwt(await realm.token(name)).sub}`,
              role: 'deployer',
            })),
          ),
        ),
      },
    })
    undo.push(() => hub.stop())
    for (const name of people) await makeKnown(name)
    for (const instanceId of instances) await writeProfile(instanceId)
    await vi.waitFor(
      () => {
        for (const id of instances) {
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

  /** How much the hub's clock is ahead. */
  let aheadMs = 0
  const pass = (ms: number) => {
    aheadMs += ms
    hub.advance(ms)
  }

  /** The API server writes down by which token it was asked. */
  const isOf = ({ user }: AuditEvent, token: string) =>
    user.extra?.['authentication.kubernetes.io/credential-id']?.includes(
      `JTI=${decodeJwt(token).jti}`,
    ) === true

  const eventsOf = async (username: string, verb: string, resource: string) =>
    (await cluster.auditEvents()).filter(
      (event) =>
        event.user.username === username &&
        event.verb === verb &&
        event.objectRef?.resource === resource,
    )

  test.each(['pass', 'swap'])(
    'on %s: whom the cluster does not let is shown the way out',
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
      pass(31_000)
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

  test('a token that is for the hub alone goes nowhere', async () => {
    const token = await realm.token('vera', 'agent-of-hub')
    const at = '/api/instances/pass/namespaces/ml-team/deployments'
    const read = await ask(token, `${at}/qwen`)
    expect(read).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
    expect(read.body['detail']).toContain('"kubernetes"')
    expect(read.body['detail']).toContain('"mcp-server"')
    const body = JSON.stringify({ name: 'nowhere', spec })
    const made = await ask(token, at, { method: 'POST', body })
    expect(made).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
    const events = await cluster.auditEvents()
    expect(events.filter((event) => isOf(event, token))).toEqual([])
    expect(events.filter(({ responseStatus }) => responseStatus?.code === 401)).toEqual([])
    const other = await realm.token('vera')
    expect((await ask(other, `${at}/qwen`)).status).toBe(200)
    expect((await cluster.auditEvents()).filter((event) => isOf(event, other))).not.toEqual([])
    // Where tokens are exchanged, it is what is exchanged.
    const swapped = await ask(token, `${at.replace('pass', 'swap')}/qwen`)
    expect(swapped.status).toBe(200)
  })

  test('the answer says as whom the cluster was asked', async () => {
    const token = await realm.token('vera')
    const read = await ask(token, '/api/instances/swap/namespaces/ml-team/deployments/qwen')
    expect(read.headers.get('x-cluster-user')).toBe('swap="kc:vera"')
    const agent = await connectAgent(hub, token)
    const named = { instance: 'pass', namespace: 'ml-team', name: 'qwen' }
    const pods = await agent.call('list_pods', named)
    expect(pods._meta).toMatchObject({ 'kubeairunway.ai/cluster-users': { pass: 'kc:vera' } })
    await agent.close()
  })

  test.each(['pass', 'swap'])(
    'on %s: says who somebody is there, and what helps',
    async (instance) => {
      const at = `/api/instances/${instance}/whoami`
      const bound = await ask(await realm.token('vera'), `${at}?namespace=ml-team`)
      expect(bound.body).toMatchObject({
        isKnown: true,
        username: 'kc:vera',
        predicted: 'kc:vera',
        groups: expect.arrayContaining(['system:authenticated']),
        sentence: `"${instance}" knows you as "kc:vera".`,
        rules: expect.arrayContaining([
          expect.objectContaining({ resources: ['modeldeployments'], apiGroups: ['airunway.ai'] }),
        ]),
      })
      const unbound = await ask(await realm.token('rosa'), at)
      expect(unbound.body['sentence']).toContain('It lets you do nothing in namespace "default"')
      expect(unbound.body['sentence']).toContain('--user=kc:rosa')
    },
  )

  test('says where the profile does not fit its cluster, and whose token that does not take', async () => {
    const change = (profile: object) =>
      database.db.transaction(async (tx) => {
        const table = tx.tables.oidcProfiles
        await tx.queries
          .update(table)
          .set({ profile: { ...profile } })
          .where(eq(table.instanceId, 'pass'))
      })
    const profile = {
      issuer: realm.issuer,
      clientId: audiences.cluster,
      usernameClaim: 'preferred_username',
      usernamePrefix: 'kc:',
    }
    const at = '/api/instances/pass/whoami'
    await change({ ...profile, usernameClaim: 'email', usernamePrefix: '' })
    const misnamed = await ask(await realm.token('vera'), at)
    expect(misnamed.body).toMatchObject({ username: 'kc:vera', predicted: 'vera@example.org' })
    expect(misnamed.body['sentence']).toContain('claim or prefix differ')
    await change({ ...profile, clientId: audiences.hub })
    const untaken = await ask(await realm.token('vera', 'agent-of-hub'), at)
    expect(untaken.body).toMatchObject({ isKnown: false, username: null })
    expect(untaken.body['sentence']).toContain('does not take your token')
    await change(profile)
    expect(hub.instances.find('pass')?.status.state).toBe('ready')
  })

  test('people who ask at the same time are never taken for one another', async () => {
    await bind('rosa', 'kc:rosa')
    pass(31_000)
    const tokens = { vera: await realm.token('vera'), rosa: await realm.token('rosa') }
    const makes = Array.from({ length: 16 }, (_, index) => {
      const who = index % 2 === 0 ? 'vera' : 'rosa'
      const instance = index % 4 < 2 ? 'pass' : 'swap'
      const body = JSON.stringify({ name: `of-${who}-${index}`, spec })
      return ask(tokens[who], `/api/instances/${instance}/namespaces/ml-team/deployments`, {
        method: 'POST',
        body,
      })
    })
    expect((await Promise.all(makes)).map(({ status }) => status)).toEqual(makes.map(() => 201))
    const made = (await cluster.auditEvents()).filter(
      ({ objectRef, verb }) => verb === 'create' && objectRef?.name?.startsWith('of-'),
    )
    expect(made).toHaveLength(16)
    for (const { objectRef, user } of made) {
      expect(user.username).toBe(`kc:${objectRef!.name!.split('-')[1]}`)
    }
  })

  test("a token that ends while the hub takes it for good is the person's matter alone", async () => {
    const token = await realm.token('vera', 'short-agent')
    const { exp } = decodeJwt(token)
    // The API server remembers for ten seconds whom it let in.
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(exp! * 1000 + 1_000), {
      timeout: 30_000,
      interval: 250,
    })
    const backMs = aheadMs + Date.now() - exp! * 1000 + 5_000
    pass(-backMs)
    const at = '/api/instances/pass/namespaces/ml-team/deployments'
    const body = JSON.stringify({ name: 'too-late', spec })
    const made = await ask(token, at, { method: 'POST', body })
    pass(backMs)
    expect(made).toMatchObject({ status: 403, body: { code: 'no-cluster-token' } })
    expect(hub.instances.find('pass')?.status.state).toBe('ready')
    expect((await ask(await realm.token('vera'), `${at}/qwen`)).status).toBe(200)
    // The hub's own leeway for clocks lets nothing go to a cluster.
    const toEndMs = exp! * 1000 + 2_000 - Date.now() - aheadMs
    pass(toEndMs)
    expect((await ask(token, `${at}/qwen`)).body['detail']).toContain('has ended')
    pass(-toEndMs)
  })

  test('rights:cluster lets in whom the cluster lets, and the hub knows by no grant', async () => {
    const token = await realm.token('zoe')
    const at = '/api/instances/alone/namespaces/ml-team/deployments'
    const refused = await ask(token, `${at}/qwen`)
    expect(refused.status).toBe(403)
    expect(refused.body['detail']).toContain('--user=kc:zoe')
    await bind('zoe', 'kc:zoe')
    pass(31_000)
    expect((await ask(token, `${at}/qwen`)).body).toMatchObject({ name: 'qwen' })
    const seen = await ask(token, '/api/instances')
    expect(seen.body['items']).toMatchObject([{ id: 'alone' }])
    const elsewhere = await ask(token, `${at.replace('alone', 'pass')}/qwen`)
    const nowhere = await ask(token, `${at.replace('alone', 'none')}/qwen`)
    expect(elsewhere.status).toBe(404)
    expect(JSON.stringify(elsewhere.body).replaceAll('pass', 'none')).toBe(
      JSON.stringify({ ...nowhere.body, requestId: elsewhere.body['requestId'] }),
    )
    expect(elsewhere.headers.get('x-cluster-user')).toBeNull()
  })

  test('rights:cluster lets in a person whom the hub never saw, there and nowhere else', async () => {
    const token = await realm.token(stranger)
    const at = '/api/instances/alone/namespaces/ml-team/deployments'
    const agent = await connectAgent(hub, token)
    const named = { instance: 'alone', namespace: 'ml-team', name: 'qwen' }
    const refused = await agent.call('list_pods', named)
    expect(refused).toMatchObject({ isError: true })
    expect(refused.text).toContain('--user=kc:nova')
    await bind(stranger, 'kc:nova')
    pass(31_000)
    const pods = await agent.call('list_pods', named)
    expect(pods._meta).toMatchObject({ 'kubeairunway.ai/cluster-users': { alone: 'kc:nova' } })
    expect((await eventsOf('kc:nova', 'list', 'pods')).length).toBeGreaterThan(0)
    const listed = await agent.call('list_deployments', {})
    expect(listed.structuredContent).toMatchObject({ items: expect.anything() })
    const names = (listed.structuredContent!['items'] as { instance: string }[]).map(
      ({ instance }) => instance,
    )
    expect(new Set(names)).toEqual(new Set(['alone']))
    await agent.close()

    const body = JSON.stringify({ name: 'by-nova', spec })
    expect((await ask(token, at, { method: 'POST', body })).status).toBe(201)
    const rows = await selectAuditRows(database.db, 500)
    const { sub } = decodeJwt(token)
    expect(rows.map(({ actor }) => actor)).toContain(`user:${sub}@${realm.issuer}`)
    expect((await ask(token, '/api/instances')).body['items']).toMatchObject([{ id: 'alone' }])
    expect((await ask(token, `${at.replace('alone', 'pass')}/qwen`)).status).toBe(404)
    for (const path of ['/api/admin/audit', '/api/auth/tokens', '/api/admin/users']) {
      expect((await ask(token, path)).status).toBe(403)
    }
    const ofHub = await ask(await realm.token(stranger, 'agent-of-hub'), `${at}/qwen`)
    expect(ofHub).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(ofHub.body['detail']).toContain('does not know this person')
    const users = await ask(token, '/v1/models')
    expect(users.status).toBe(200)
  })

  test('an instance says how people are known there, and that it does not know yet how', async () => {
    await database.db.transaction(async (tx) => {
      await tx.queries.delete(tx.tables.oidcProfiles)
    })
    const degraded = (id: string) => hub.instances.find(id)?.status
    await vi.waitFor(() => expect(degraded('pass')?.reason).toContain('set its OIDC profile'), {
      timeout: 40_000,
    })
    expect(degraded('pass')?.state).toBe('degraded')
    const token = await realm.token('vera')
    const refused = await ask(token, '/api/instances/pass/namespaces/ml-team/deployments/qwen')
    expect(refused.body).toMatchObject({ code: 'no-cluster-token' })
    expect(refused.body['detail']).toContain('OIDC profile')
    for (const id of instances) await writeProfile(id)
    await vi.waitFor(() => expect(degraded('pass')?.state).toBe('ready'), { timeout: 40_000 })
  })

  test('no token of anybody is in the log, in the database or in an answer', async () => {
    const tokens = await Promise.all(people.map((name) => realm.token(name)))
    for (const token of tokens) {
      for (const id of instances) {
        const answer = await ask(token, `/api/instances/${id}/namespaces/ml-team/deployments/qwen`)
        expect(JSON.stringify([answer.body, [...answer.headers]])).not.toContain(token)
      }
    }
    const written = hub.lines.join('\n')
    for (const token of tokens) {
      expect(written).not.toContain(token)
      expect(written).not.toContain(token.split('.')[2])
    }
    expect(written).not.toContain(realm.exchangeSecret)
    const kept = JSON.stringify(await readContents(database.db))
    const audited = JSON.stringify(await selectAuditRows(database.db, 500))
    expect(audited).toContain('deployment.create')
    for (const token of tokens) {
      expect(kept).not.toContain(token)
      expect(audited).not.toContain(token)
    }
  })
})
