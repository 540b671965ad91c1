import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serve, type ServerType } from '@hono/node-server'
import {
  applyManifests,
  createKubeClient,
  readManifests,
  startApiServer,
  type ApiServer,
  type OpenControlPlane,
} from '@hub/demo'
import { Problem } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import { borrowControlPlane } from '../../demo/test/borrow-control-plane.ts'
import { readContents } from '../test/database-contents.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'
import { startTokenIssuer, type TokenIssuer } from '../test/token-issuer.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const manifests = ['impersonation.yaml', 'groups.yaml'].map((file) =>
  fileURLToPath(
    new URL(`../../deploy/kubernetes/instance-rbac-impersonate/${file}`, import.meta.url),
  ),
)
const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }
const collection = (instance: string, namespace = 'ml-team') =>
  `/api/instances/${instance}/namespaces/${namespace}/deployments`

/** Who a request of the hub's was for, as the cluster saw it. */
type Seen = { id: string; isChange: boolean; user: string | null; groups: string[] }

type Watched = {
  kind: string
  skip: boolean
  start(): Promise<{
    cluster: ApiServer | OpenControlPlane
    /** Requests that the hub made for somebody's. */
    seen(): Promise<Seen[]>
    /** Every header that arrived; null where only the cluster's own log says what did. */
    headers: Set<string> | null
  }>
}

const clusterKinds: Watched[] = [
  {
    kind: 'the demo API server',
    skip: false,
    start: async () => {
      const requests: Seen[] = []
      const headers = new Set<string>()
      const onRequest = ({ rawHeaders, url }: IncomingMessage) => {
        const pairs = rawHeaders.flatMap((name, i) =>
          i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1]!] as const] : [],
        )
        const all = (wanted: string) => pairs.filter(([name]) => name === wanted).map(([, v]) => v)
        const id = all('audit-id')[0] ?? ''
        if (!id.startsWith('hub-')) return
        for (const [name] of pairs) headers.add(name)
        requests.push({
          id,
          isChange: url!.includes('/modeldeployments'),
          user: all('impersonate-user').join(' and ') || null,
          groups: all('impersonate-group'),
        })
      }
      const cluster = await startApiServer({ onRequest })
      return { cluster, headers, seen: async () => requests }
    },
  },
  {
    kind: 'a real control plane (KUBEBUILDER_ASSETS)',
    skip: !assets,
    start: async () => {
      const cluster = await borrowControlPlane()
      const seen = async () =>
        (await cluster.auditEvents())
          .filter(({ auditID }) => auditID.startsWith('hub-'))
          .map(({ auditID, impersonatedUser, objectRef }) => ({
            id: auditID,
            isChange: objectRef?.resource === 'modeldeployments',
            user: impersonatedUser?.username ?? null,
            // The API server adds this one by itself.
            groups: (impersonatedUser?.groups ?? []).filter((g) => g !== 'system:authenticated'),
          }))
      return { cluster, headers: null, seen }
    },
  },
]

for (const { kind, skip, start } of clusterKinds) {
  describe.skipIf(skip)(`what callers say of themselves, at ${kind}`, () => {
    let watched: Awaited<ReturnType<Watched['start']>>
    let database: TestDatabase
    let identityProvider: OddIdentityProvider
    let issuer: TokenIssuer
    let hub: TestHub
    let server: ServerType
    let port: number
    let token: string
    let names = 0

    beforeAll(async () => {
      ;[watched, database, identityProvider, issuer] = await Promise.all([
        start(),
        databases[0].open(),
        startOddIdentityProvider(),
        startTokenIssuer(),
      ])
      const { cluster } = watched
      const client = createKubeClient(cluster.kubeconfig('client-certificate'))
      for (const path of manifests) await applyManifests(client, await readManifests(path))
      await client.request('POST', '/api/v1/namespaces', {
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ml-team' } },
      })
      await client.close()
      const kubeconfig = cluster.kubeconfig('service-account-token')
      hub = await startHub({
        db: database.db,
        identityProvider,
        credentials: { personal: kubeconfig, shared: kubeconfig },
        env: {
          HUB_ACCESS_MODES: 'personal=impersonate',
          HUB_ADMINS: 'oidc:root',
          HUB_GRANTS: JSON.stringify([
            { principal: 'oidc:bob', role: 'deployer' },
            { principal: 'oidc:system:admin', role: 'deployer' },
            { principal: `service:ci/build@x@${issuer.issuer}`, role: 'deployer' },
            { principal: `service:system:masters@${issuer.issuer}`, role: 'deployer' },
          ]),
          JWT_ISSUERS: `${issuer.issuer};hub`,
        },
      })
      const bob = await signIn('bob')
      const made = await bob.send('POST', '/api/auth/tokens', {
        name: 'headers',
        roleCeiling: 'deployer',
        expiresInDays: 1,
      })
      token = ((await made.json()) as { secret: string }).secret
      server = serve({ fetch: hub.app.fetch, hostname: '127.0.0.1', port: 0 })
      await new Promise((resolve) => server.once('listening', resolve))
      port = (server.address() as AddressInfo).port
      await vi.waitFor(
        () => {
          for (const id of ['personal', 'shared']) {
            expect(hub.fleet.instanceState(id).synced).toBe(true)
          }
        },
        { timeout: 20_000 },
      )
    }, 90_000)
    afterAll(async () => {
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)))
      await hub?.stop()
      await Promise.all([
        watched?.cluster.stop(),
        database?.dispose(),
        identityProvider?.stop(),
        issuer?.stop(),
      ])
    }, 60_000)

    const signIn = async (subject: string, groups: string[] = []): Promise<Browser> => {
      const browser = hub.browser()
      const url = await browser.startLogin()
      identityProvider.answers.claims = (claims) => ({ ...claims, sub: subject, groups })
      expect((await browser.finishLogin(identityProvider.authorize(url))).status).toBe(303)
      return browser
    }
    /** Over a real socket, with headers that a well-behaved client would not send. */
    const post = (path: string, headers: string[], body: unknown) =>
      new Promise<{ status: number; requestId: string; text: string }>((resolve, reject) => {
        const text = JSON.stringify(body)
        const sent = ['Host', `localhost:${port}`, 'Content-Type', 'application/json', ...headers]
        const length = ['Content-Length', String(Buffer.byteLength(text))]
        const asked = httpRequest(
          { host: '127.0.0.1', port, path, method: 'POST', headers: [...sent, ...length] },
          (answer) => {
            let got = ''
            answer.on('data', (chunk: Buffer) => (got += chunk.toString()))
            answer.on('end', () =>
              resolve({
                status: answer.statusCode!,
                requestId: String(answer.headers['x-request-id']),
                text: got,
              }),
            )
          },
        )
        asked.on('error', reject)
        asked.end(text)
      })
    const seenOf = async (requestId: string) =>
      (await watched.seen()).filter(({ id }) => id === `hub-${requestId}`)
    /** The change was made as this; what was asked about rights before it was asked for nobody else. */
    const expectSeen = async (requestId: string, expected: Pick<Seen, 'user' | 'groups'>) => {
      const seen = await seenOf(requestId)
      expect(seen.filter(({ isChange }) => isChange)).toMatchObject([expected])
      for (const { groups, user } of seen) {
        if (expected.user !== null) expect(user).toBe(expected.user)
        expect(user ?? 'hub:').toMatch(/^hub:/)
        expect(groups.filter((group) => !group.startsWith('hub:'))).toEqual([])
      }
    }

    const lies: [string, string[]][] = [
      ['Impersonate-User', ['Impersonate-User', 'system:admin']],
      ['mixed case', ['iMpErSoNaTe-uSeR', 'system:admin', 'IMPERSONATE-GROUP', 'system:masters']],
      [
        'duplicates',
        ['Impersonate-User', 'a', 'Impersonate-User', 'system:admin', 'Impersonate-Group', 'b'],
      ],
      ['underscores', ['Impersonate_User', 'system:admin', 'X_Remote_User', 'system:admin']],
      [
        'remote user headers',
        [
          'X-Remote-User',
          'system:admin',
          'X-Remote-Group',
          'system:masters',
          'X-Remote-Extra-A',
          'b',
        ],
      ],
      ['extras', ['Impersonate-Extra-Scopes', 'all', 'Impersonate-Uid', '1']],
      ['hop-by-hop', ['Connection', 'impersonate-user, impersonate-group, authorization']],
    ]

    test.each(lies)("#37 %s of a client's never reach the cluster", async (_, headers) => {
      for (const [instance, user, groups] of [
        ['shared', null, []],
        ['personal', 'hub:oidc:bob', ['hub:deployer', 'hub:viewer']],
      ] as const) {
        const name = `lie-${(names += 1)}`
        const answer = await post(
          collection(instance),
          ['Authorization', `Bearer ${token}`, ...headers],
          { name, spec },
        )
        expect([answer.status, answer.text]).toEqual([201, answer.text])
        await expectSeen(answer.requestId, { user, groups: [...groups] })
      }
      if (!watched.headers) return
      const known = new Set([
        'accept',
        'audit-id',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'impersonate-group',
        'impersonate-user',
        'user-agent',
      ])
      expect([...watched.headers].filter((name) => !known.has(name))).toEqual([])
    })

    test.each(['a\r\nImpersonate-User: system:admin', 'a\nb', 'a\u0000', 'a\u007f', 'a\tb'])(
      '#37 400 for the name %j, in the path or in the body, and no cluster is asked',
      async (name) => {
        const bearer = ['Authorization', `Bearer ${token}`]
        const encoded = encodeURIComponent(name)
        const answers = await Promise.all([
          post(collection('personal'), bearer, { name, spec }),
          post(collection('personal', encoded), bearer, { name: 'a', spec }),
          post(collection(encoded), bearer, { name: 'a', spec }),
        ])
        expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
        for (const { requestId } of answers) expect(await seenOf(requestId)).toEqual([])
      },
    )

    test("#38 a provider's group named system:masters gives what it is mapped to, and two groups of the hub's arrive as two", async () => {
      const root = await signIn('root')
      const mapped = await root.send('POST', '/api/admin/group-mappings', {
        provider: 'oidc',
        groupId: 'system:masters',
        role: 'deployer',
      })
      expect(mapped.status).toBe(201)
      const eve = await signIn('eve', ['system:masters', 'system:nodes'])
      const response = await eve.send('POST', collection('personal'), { name: 'of-eve', spec })
      expect(response.status).toBe(201)
      await expectSeen(response.headers.get('x-request-id')!, {
        user: 'hub:oidc:eve',
        groups: ['hub:deployer', 'hub:viewer'],
      })
      for (const { groups } of await watched.seen()) {
        expect(groups.filter((group) => !group.startsWith('hub:'))).toEqual([])
      }
    })

    const refusedAtCluster = async (response: Response, actor: string, words: string) => {
      expect(response.status).toBe(403)
      const { code, detail, requestId } = Problem.parse(await response.json())
      expect([code, detail]).toEqual(['forbidden', expect.stringContaining(words)])
      expect(await seenOf(requestId)).toEqual([])
      const rows = await selectAuditRows(database.db, 10)
      expect(rows.find((row) => row.requestId === requestId)).toMatchObject({
        action: 'access.denied',
        outcome: 'denied',
        actor,
      })
    }

    test('#38 403 and an audit row for a subject system:admin, for whom no cluster is asked', async () => {
      const person = await signIn('system:admin')
      const path = collection('personal')
      const created = await person.send('POST', path, { name: 'of-system', spec })
      await refusedAtCluster(created, 'oidc:system:admin', `Kubernetes' own`)
      expect((await person.get(`${path}/of-system`)).status).toBe(403)
      expect((await person.send('POST', collection('shared'), { name: 'x', spec })).status).toBe(
        201,
      )
    })

    const byProgram = async (client: string, path: string, init: RequestInit = {}) => {
      const bearer = await issuer.sign({ sub: client, azp: client })
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
      return hub.app.request(`http://localhost:3001${path}`, { ...init, headers })
    }

    test('a program acts there as itself, whatever its client id looks like', async () => {
      const body = JSON.stringify({ name: 'of-program', spec })
      const response = await byProgram('ci/build@x', collection('personal'), {
        method: 'POST',
        body,
      })
      expect(response.status).toBe(201)
      await expectSeen(response.headers.get('x-request-id')!, {
        user: `hub:service:ci/build@x@${issuer.issuer}`,
        groups: ['hub:deployer', 'hub:viewer'],
      })
      // What it reads from memory is what the cluster lets it see.
      const read = async () => byProgram('ci/build@x', `${collection('personal')}/of-program`)
      await vi.waitFor(async () => expect((await read()).status).toBe(200), { timeout: 20_000 })
    })

    test('a program whose client id no cluster takes hears that, and why', async () => {
      const body = JSON.stringify({ name: 'of-nobody', spec })
      const reserved = await byProgram('system:masters', collection('personal'), {
        method: 'POST',
        body,
      })
      const principal = `service:system:masters@${issuer.issuer}`
      await refusedAtCluster(reserved, principal, "This program's client id begins with")
      // It is noted when it first comes; only then can a role be given to it.
      await byProgram('my ci', '/api/instances')
      const root = await signIn('root')
      const { items } = (await (await root.get('/api/admin/service-principals')).json()) as {
        items: { id: string; clientId: string }[]
      }
      const { id } = items.find(({ clientId }) => clientId === 'my ci')!
      const roles = `/api/admin/service-principals/${id}/roles`
      expect((await root.send('POST', roles, { role: 'deployer' })).status).toBe(201)
      const odd = await byProgram('my ci', collection('personal'), { method: 'POST', body })
      await refusedAtCluster(odd, `service:my ci@${issuer.issuer}`, 'such as spaces')
    })
  })
}

describe.each(databases)('who reaches for more, on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let cluster: ApiServer
  let hub: TestHub
  let deployer: Browser
  const asked: string[] = []

  beforeAll(async () => {
    ;[database, identityProvider, cluster] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startApiServer({
        onRequest: ({ headers }) => asked.push(String(headers['audit-id'] ?? '')),
      }),
    ])
    const kubeconfig = cluster.kubeconfig('service-account-token')
    hub = await startHub({
      db: database.db,
      identityProvider,
      credentials: { 'prod-east': kubeconfig, 'prod-west': kubeconfig },
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod-east' },
        ]),
      },
    })
    deployer = hub.browser()
    await deployer.signIn('bob')
  })
  afterAll(async () => {
    await hub?.stop()
    await Promise.all([database?.dispose(), identityProvider?.stop(), cluster?.stop()])
  })

  const body = { name: 'x', spec }
  const forSomebody = () => asked.filter((id) => id.startsWith('hub-'))

  test.each([
    `${collection('prod-east')}?namespace=other-team`,
    `${collection('prod-east')}?namespace=ml-team`,
    collection('prod-east', '*'),
    collection('prod-east', '%2A'),
    collection('prod-east', '..%2f'),
    collection('prod-east', '..%2Fkube-system'),
    collection('prod-east', '%2e%2e%2f'),
    collection('prod-east', '%252e%252e%252f'),
    collection('prod-east', 'ml-team%2f..%2fkube-system'),
    collection('prod-east', '..%5c'),
    collection('prod-east', 'ML-TEAM'),
    collection('prod-east', 'ml-team%20'),
  ])('#33 400 for %s, and no cluster is asked', async (path) => {
    const response = await deployer.send('POST', path, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid-request' })
    expect(forSomebody()).toEqual([])
  })

  test('#33 400 for a namespace in the body, 404 for a path that leads up', async () => {
    const inside = await deployer.send('POST', collection('prod-east'), {
      ...body,
      namespace: 'kube-system',
    })
    expect(inside.status).toBe(400)
    expect(await inside.json()).toMatchObject({ errors: [{ pointer: '/namespace' }] })
    for (const up of ['..', '%2e%2e']) {
      expect((await deployer.send('POST', collection('prod-east', up), body)).status).toBe(404)
    }
    expect(forSomebody()).toEqual([])
  })

  test('#34 a deployer of one instance is 403 at every address of administrators, and 404 on another instance', async () => {
    const routes = routesOf(hub).filter(({ path }) => path.startsWith('/api/admin/'))
    expect(routes.length).toBeGreaterThan(20)
    const before = await readContents(database.db)
    const template = { id: 'small', title: 'Small', spec: {}, open: [] }
    const inputs: Record<string, unknown> = {
      '/api/admin/credentials/:instance': { kubeconfig: 'x' },
      '/api/admin/users/:user/identities': { identityId: crypto.randomUUID() },
      '/api/admin/group-mappings': { groupId: 'g', role: 'viewer' },
      '/api/admin/group-mappings/:id': { groupId: 'g', role: 'viewer' },
      '/api/admin/templates': template,
      '/api/admin/templates/:id': template,
      '/api/admin/access-requests/:id/approve': {},
      '/api/admin/access-requests/:id/refuse': { reason: 'no' },
    }
    for (const { method, path } of routes) {
      const user = crypto.randomUUID()
      const query = path.endsWith('/export')
        ? '?format=csv'
        : path.endsWith('access')
          ? `?user=${user}`
          : ''
      const address = path.replace(':instance', 'prod-east').replaceAll(/:\w+/g, user) + query
      const response =
        method === 'GET'
          ? await deployer.get(address)
          : await deployer.send(
              method as 'POST',
              address,
              method === 'DELETE' ? undefined : (inputs[path] ?? { role: 'admin' }),
            )
      expect([method, path, response.status]).toEqual([method, path, 403])
    }
    for (const path of ['', '/namespaces', '/health', '/capacity', '/preflight']) {
      expect((await deployer.get(`/api/instances/prod-west${path}`)).status).toBe(404)
    }
    expect((await deployer.send('POST', collection('prod-west'), body)).status).toBe(404)
    expect(await readContents(database.db)).toEqual(before)
    expect(forSomebody()).toEqual([])
  })

  test('#34 nobody is made administrator of an instance, and nobody unknown puts anything', async () => {
    const root = hub.browser()
    await root.signIn('root')
    const { items } = (await (await root.get('/api/admin/users?q=bob')).json()) as {
      items: { id: string }[]
    }
    const ofBob = `/api/admin/users/${items[0]!.id}/roles`
    for (const place of [{ instanceId: 'prod-east' }, { namespaces: ['ml-team'] }]) {
      const response = await root.send('POST', ofBob, { role: 'admin', ...place })
      expect(response.status).toBe(400)
      expect(await response.text()).toContain('admin is always hub-wide')
    }
    const stranger = hub.browser()
    const puts = routesOf(hub).filter(({ method }) => method === 'PUT')
    expect(puts.length).toBeGreaterThan(1)
    const paths = [...puts.map(({ path }) => path.replaceAll(/:\w+/g, 'x')), '/api/settings']
    for (const path of paths) {
      expect([path, (await stranger.send('PUT', path, {})).status]).toEqual([path, 401])
    }
  })

  test('#35 a deployer who grants themselves is 403, with a row and no grant', async () => {
    const { id } = (await database.db.read.select().from(database.db.tables.users)).find(
      ({ displayName }) => displayName === 'bob',
    )!
    const grants = () => database.db.read.$count(database.db.tables.grants)
    const before = await grants()
    const response = await deployer.send('POST', `/api/admin/users/${id}/roles`, { role: 'admin' })
    expect(response.status).toBe(403)
    expect(await grants()).toBe(before)
    const [row] = await selectAuditRows(database.db, 1)
    expect(row).toMatchObject({
      action: 'access.denied',
      actor: 'oidc:bob',
      target: { permission: 'grant.manage' },
    })
  })
})

function routesOf({ app }: TestHub): { method: string; path: string }[] {
  return app.listed.map(({ declared: { http } }) => ({
    method: http.method.toUpperCase(),
    path: http.path,
  }))
}
