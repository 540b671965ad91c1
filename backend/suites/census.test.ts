import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createKubeClient, startApiServer, type ApiServer } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import type { ApiDocument, Declared } from '#http'
import type { Answers } from '#operation'
import { decide, hubWide } from '#rbac'
import {
  configuredGrants,
  elsewhere,
  here,
  impossibleGrants,
  makeCallers,
  type Caller,
} from '../test/callers.ts'
import { readContents } from '../test/database-contents.ts'
import { databases, type TestDatabase } from '../test/databases.ts'
import { createDocumentCheck, type DocumentCheck } from '../test/document-check.ts'
import { startHub, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'
import { startTokenIssuer, type TokenIssuer } from '../test/token-issuer.ts'
import { insertGrant } from '../src/access/store.ts'
import { findRowsAfter } from '../src/audit/find-rows.ts'
import { findLastSeq } from '../src/audit/store.ts'
import { defaultPolicy } from '../src/deployments/policies/find-refused.ts'

type Listed = { method: string; path: string; declaration: Declared; answers: Answers }
type Request = {
  /** Instead of the place and ids that every route gets. */
  path?: Record<string, string>
  query?: string
  body?: unknown
  form?: string
  /** What it answers to whoever may, where that is no success and no `not-found` of the thing. */
  status?: number
  /** It takes away what others need: last. */
  isLast?: true
}

/** Nobody may call these without being known, and this list is the only place to change that. */
const publicRoutes = [
  'GET /.well-known/oauth-protected-resource',
  'GET /.well-known/oauth-protected-resource/mcp',
  'GET /api/auth/callback/:provider',
  'GET /api/auth/link',
  'GET /api/auth/login/:provider',
  'GET /api/auth/providers',
  'GET /api/docs',
  'GET /api/instances/:instance/sign-in',
  'GET /api/openapi.json',
  'GET /cli',
  'GET /cli/',
  'GET /cli/:file',
  'GET /livez',
  'GET /login',
  'GET /metrics',
  'GET /readyz',
  'GET /version',
  'POST /api/auth/backchannel-logout/:provider',
  'POST /api/auth/link',
  'POST /api/auth/logout',
]

const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }
const oidcProfile = { issuer: 'https://id.example.com', clientId: 'k8s', usernameClaim: 'email' }
const form = 'application/x-www-form-urlencoded'

/** How routes are asked that read more than a place, a page or an id of nothing. */
const requests = (world: {
  bystander: string
  kubeconfig: string
}): Record<string, Request | (() => Request)> => ({
  createDeployment: () => ({ body: { name: `census-${randomUUID().slice(0, 8)}`, spec } }),
  getDeployment: { path: { name: 'ours' } },
  getManifest: { path: { name: 'ours' } },
  waitForDeployment: { path: { name: 'ours' }, query: 'seconds=1' },
  listResources: { path: { kind: 'Pod' } },
  getResource: { path: { kind: 'Pod', name: 'none' }, status: 404 },
  updateDeployment: { path: { name: 'ours' }, body: { spec: { scaling: { replicas: 2 } } } },
  scaleDeployment: { path: { name: 'ours' }, body: { replicas: 2 } },
  // No runtime has taken it.
  restartDeployment: { path: { name: 'ours' }, status: 422 },
  // Of another uid: it is left alone.
  recreateDeployment: { path: { name: 'ours' }, body: { uid: randomUUID(), spec }, status: 409 },
  pauseDeployment: { path: { name: 'ours' } },
  resumeDeployment: { path: { name: 'ours' } },
  getHistory: { path: { name: 'ours' } },
  restoreDeployment: { path: { name: 'ours' }, body: { generation: 1 } },
  createDeployments: () => ({
    body: {
      name: `census-${randomUUID().slice(0, 8)}`,
      spec,
      targets: [{ instance: here.instance, namespace: here.namespace }],
    },
  }),
  changeDeployments: () => ({
    body: {
      action: 'pause',
      deployments: [
        {
          instance: here.instance,
          namespace: here.namespace,
          name: 'nothing',
          uid: randomUUID(),
        },
      ],
    },
  }),
  readBatch: { query: 'get=/api/instances' },
  getDeploymentMetrics: { path: { name: 'ours' } },
  // It names no endpoint.
  chatWithDeployment: { path: { name: 'ours' }, body: { prompt: 'Once' }, status: 503 },
  putPolicy: { body: defaultPolicy },
  closeInstance: () => ({
    body: { reason: 'A new driver.', until: new Date(Date.now() + 3_600_000).toISOString() },
  }),
  createTemplate: () => ({ body: templateInput(randomUUID()) }),
  updateTemplate: { path: { id: 'none' }, body: templateInput('none') },
  createGrant: () => ({ body: grantInput() }),
  createGrantOfService: () => ({ body: grantInput() }),
  createMapping: () => ({ body: mappingInput() }),
  updateMapping: () => ({ body: mappingInput() }),
  // What none of the callers holds: "all namespaces" leaves these out.
  createRequest: () => ({
    body: {
      role: 'deployer',
      instanceId: here.instance,
      namespaces: [`kube-${randomUUID().slice(0, 8)}`],
      reason: 'a demo',
      minutes: 60,
    },
  }),
  approveRequest: { body: {} },
  refuseRequest: { body: { reason: 'not now' } },
  explainAccess: { query: `user=${world.bystander}` },
  exportAudit: { query: 'format=jsonl' },
  putCredential: { path: { instance: 'third' }, body: { kubeconfig: world.kubeconfig } },
  deleteCredential: { path: { instance: 'nothing-there' } },
  linkIdentity: { body: { identityId: randomUUID() } },
  createToken: { body: { name: 'one', roleCeiling: 'viewer', expiresInDays: 1 } },
  finishSetup: { body: { code: 'wrong' }, status: 409 },
  endByProvider: { form: 'logout_token=none', status: 400 },
  leadToCliPage: { status: 308 },
  // Without it, whoever is signed in is led on.
  getSignInPage: { query: 'again=true' },
  startLogin: { status: 302 },
  finishLogin: { query: 'state=none&code=none', status: 400 },
  openSessionByLink: { query: 'code=none', status: 400 },
  ...Object.fromEntries(
    [
      'createChatCompletion',
      'createCompletion',
      'createEmbedding',
      'createResponse',
      'createMessage',
      'createRerank',
    ].map((id) => [id, { body: { model: 'none' }, status: 404 }]),
  ),
  // None of them comes with a token of the cluster's issuer.
  whoAmIThere: { status: 403 },
  putOidcProfile: { body: oidcProfile },
  findClusterSignIn: { query: `link=${'x'.repeat(22)}`, status: 404 },
  describeOidcProvider: { query: 'usernameClaim=email' },
  startTrial: {
    body: {
      profile: { ...oidcProfile, issuer: 'https://169.254.169.254' },
      how: 'browser',
      origin: 'http://localhost:3001',
    },
    status: 502,
  },
  finishTrial: { body: { trial: 'none' }, status: 400 },
  verifyOidcProfile: { body: { ...oidcProfile, issuer: 'https://169.254.169.254' } },
  describeBinding: { query: 'user=ada&role=view' },
  createBinding: { body: { user: 'ada@example.com', role: 'view' }, query: 'dryRun=All' },
  // Without deploy/kubernetes/instance-rbac-bindings, which this cluster has not.
  listBindings: { status: 403 },
  deleteBinding: { path: { binding: 'hub-view-0' }, status: 403 },
  // No message of the protocol.
  callMcp: { body: {}, status: 400 },
  signOut: { isLast: true },
})
const grantInput = () => ({
  role: 'viewer',
  instanceId: here.instance,
  namespaces: [`n-${randomUUID().slice(0, 8)}`],
})
const mappingInput = () => ({ groupId: randomUUID(), ...grantInput() })

function templateInput(id: string) {
  return { id, title: 'One', spec, open: ['/scaling/replicas'] }
}

type Outcome = 'allowed' | 401 | 403 | 404

/** What the declared policy makes of a caller, by the rules of `decide` alone. */
function expectedOf({ policy }: Declared, { grants, kind }: Caller): Outcome {
  if (policy === 'public') return 'allowed'
  if (kind === 'nobody') return 401
  if (policy === 'bearer' && kind === 'session') return 401
  if (policy === 'signed-in' || policy === 'bearer') return 'allowed'
  if (policy === 'person') return kind === 'program' ? 403 : 'allowed'
  if (typeof policy === 'string') return kind === 'session' ? 'allowed' : 403
  const scope = {
    hub: hubWide,
    instance: { instance: here.instance, namespace: null },
    namespace: here,
  }[policy.scope]
  const now = new Date()
  if (decide(grants, policy.permission, scope, now)) {
    return policy.takesSession && kind !== 'session' ? 403 : 'allowed'
  }
  const seesInstance =
    scope.instance === null ||
    decide(grants, 'instance.view', { instance: scope.instance, namespace: null }, now)
  return seesInstance ? 403 : 404
}

// Each asks every route as everybody.
vi.setConfig({ testTimeout: 300_000 })

describe.each(databases)('every route and its policy on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let issuer: TokenIssuer
  let cluster: ApiServer
  let hub: TestHub
  let callers: Caller[]
  let routes: Listed[]
  let check: DocumentCheck
  let ids: Record<string, string>
  let inputs: ReturnType<typeof requests>
  /** What the cluster was asked: by the hub for somebody where it has an id. */
  const asked: { method: string; url: string; id: string | null }[] = []
  const onRequest = ({ headers, method, url }: IncomingMessage) => {
    const id = headers['audit-id']
    asked.push({ method: method!, url: url!, id: typeof id === 'string' ? id : null })
  }

  beforeAll(async () => {
    ;[database, identityProvider, issuer, cluster] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startTokenIssuer(),
      startApiServer({ onRequest }),
    ])
    await prepareCluster(cluster)
    const kubeconfig = cluster.kubeconfig('service-account-token')
    hub = await startHub({
      db: database.db,
      identityProvider,
      credentials: { [here.instance]: kubeconfig, [elsewhere.instance]: kubeconfig },
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_GRANTS: configuredGrants(issuer),
        HUB_REQUESTS_PER_MINUTE: '100000',
        HUB_LOGINS_PER_MINUTE: '100000',
        JWT_ISSUERS: `${issuer.issuer};hub`,
      },
    })
    callers = await makeCallers(hub, issuer)
    const root = hub.browser()
    await root.signIn('root')
    const bystanders = hub.browser()
    await bystanders.signIn('bystander')
    const idOf = async (path: string, name: string) => {
      const { items } = (await (await root.get(path)).json()) as {
        items: { id: string; displayName: string }[]
      }
      return items.find(({ displayName }) => displayName === name)!.id
    }
    const bystander = await idOf('/api/admin/users?q=bystander', 'bystander')
    const { items: programs } = (await (
      await root.get('/api/admin/service-principals')
    ).json()) as {
      items: { id: string; principal: string }[]
    }
    for (const { grant, subject } of impossibleGrants()) {
      const userId = await idOf(`/api/admin/users?q=${subject}`, subject)
      const row = {
        ...grant,
        limits: null,
        id: randomUUID(),
        userId,
        servicePrincipalId: null,
        mappingId: null,
      }
      const made = { createdAt: new Date(), createdBy: 'by hand', endsAt: null, endedAt: null }
      await database.db.transaction((tx) => insertGrant(tx, { ...row, ...made }))
    }
    // Nobody grants themselves: the one with admin asks about another.
    const viewer = programs.find(({ principal }) => principal.includes('program-viewer'))!
    ids = { user: bystander, id: bystander, service: viewer.id, provider: 'oidc' }
    inputs = requests({ bystander, kubeconfig })
    const document = (await (await root.get('/api/openapi.json')).json()) as ApiDocument
    check = createDocumentCheck(document)
    await vi.waitFor(
      async () =>
        expect((await root.get(pathTo(byId('getDeployment'), here.instance))).status).toBe(200),
      { timeout: 20_000 },
    )
  }, 120_000)
  afterAll(async () => {
    await hub?.stop()
    await Promise.all([
      database?.dispose(),
      identityProvider?.stop(),
      issuer?.stop(),
      cluster?.stop(),
    ])
  })

  const listedRoutes = () =>
    (routes ??= hub.app.listed.map(({ answers, declared }) => ({
      method: declared.http.method.toUpperCase(),
      path: declared.http.path,
      declaration: declared,
      answers,
    })))
  const byId = (operationId: string) =>
    listedRoutes().find(({ declaration }) => declaration.id === operationId)!
  const inputOf = ({ declaration }: Listed): Request => {
    const input = inputs[declaration.id] ?? {}
    return typeof input === 'function' ? input() : input
  }
  const pathTo = (
    route: Listed,
    instance: string,
    { path = {}, query }: Request = inputOf(route),
  ): string => {
    const named: Record<string, string> = { ...here, ...ids, ...path }
    if (named['instance'] === here.instance) named['instance'] = instance
    // Ids of nothing: what is not there is asked for after the right to ask.
    const filled = route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const isNoUser = name === 'id' && !route.path.includes('/admin/users/')
      return path[name] ?? (isNoUser ? undefined : named[name]) ?? randomUUID()
    })
    return query === undefined ? filled : `${filled}?${query}`
  }
  const send = (route: Listed, caller: Caller, instance: string = here.instance) =>
    sendTo(pathTo(route, instance), route, caller, inputOf(route))
  const sendTo = async (path: string, route: Listed, caller: Caller, input: Request) => {
    const { body, form: fields } = input
    const response = await caller.ask(path, {
      method: route.method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
      ...(fields !== undefined && { body: fields, headers: { 'content-type': form } }),
    })
    const type = response.headers.get('content-type')
    const isStream = type === 'text/event-stream'
    if (isStream) await response.body?.cancel()
    return {
      status: response.status,
      type,
      text: isStream ? '-' : await response.text(),
      requestId: response.headers.get('x-request-id')!,
    }
  }
  type Answer = Awaited<ReturnType<typeof send>>
  /** All ask at once: whoever waits too long for their turn at the database is told so, and asks again, as people do. */
  const sendUntilTaken = async (route: Listed, caller: Caller): Promise<Answer> => {
    for (let again = 0; ; again += 1) {
      const answer = await send(route, caller)
      const isBusy = answer.status === 503 && answer.text.includes("The hub's database is busy")
      if (!isBusy || again === 20) return answer
    }
  }

  test("every route is one that hono's quicker router can read", () => {
    hub.app.router.match('GET', '/livez')
    expect(hub.app.router.name).toBe('SmartRouter + RegExpRouter')
  })

  test('every route declares one, and these alone are for everybody', () => {
    // What runs before operations stands at a star; what answers any method at one address would be an operation that
    // nobody counts.
    const isBefore = ({ method, path }: { method: string; path: string }) =>
      method === 'ALL' && path.includes('*')
    const routed = hub.app.routes.filter((route) => !isBefore(route))
    expect(routed.filter(({ method }) => method === 'ALL')).toEqual([])
    const listed = new Set(listedRoutes().map(nameOf))
    const files = new Set(routed.map(nameOf).filter((name) => !listed.has(name)))
    expect([...files].map((name) => name.split('{')[0])).toEqual([
      'GET /api/docs/:file',
      'GET /assets/*',
      'GET /*',
    ])
    expect(
      listedRoutes()
        .map(nameOf)
        .filter((name) => !routed.map(nameOf).includes(name)),
    ).toEqual([])
    const forEverybody = listedRoutes().filter(({ declaration }) => declaration.policy === 'public')
    expect(forEverybody.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      publicRoutes,
    )
    for (const { declaration, path } of listedRoutes()) {
      const { policy } = declaration
      if (typeof policy === 'string' || policy.scope === 'hub') continue
      expect([path, path.includes('/:instance')]).toEqual([path, true])
      expect([path, path.includes('/:namespace')]).toEqual([path, policy.scope === 'namespace'])
    }
  })

  test('whoever may not is refused, as if nothing were there where they hold nothing; no cluster is asked, and one row is written', async () => {
    const failures: string[] = []
    let refused = 0
    const from = asked.length
    let before = await readContents(database.db)
    for (const route of listedRoutes()) {
      const cases = callers.flatMap((caller) => {
        const expected = expectedOf(route.declaration, caller)
        return expected === 'allowed' ? [] : [{ caller, expected }]
      })
      const lastSeq = await findLastSeq(database.db)
      const answers = await Promise.all(
        cases.map(async ({ caller, expected }) => {
          const answer = await send(route, caller)
          const fault = faultOf(route, answer, expected)
          if (fault) failures.push(`${nameOf(route)} by ${caller.name}: ${fault}`)
          return { ...answer, caller }
        }),
      )
      refused += answers.length
      const rows = await findRowsAfter(
        database.db,
        {},
        { after: lastSeq, upTo: Number.MAX_SAFE_INTEGER, limit: 1000 },
      )
      const audited = rows.map(({ action, actor, outcome, requestId }) =>
        [action, outcome, actor, requestId].join(' '),
      )
      const denied = answers
        .filter(({ status }) => status !== 401)
        .map(({ caller, requestId }) =>
          ['access.denied', 'denied', caller.principal, requestId].join(' '),
        )
      if (audited.toSorted().join('\n') !== denied.toSorted().join('\n')) {
        failures.push(`${nameOf(route)}: ${denied.length} denials, ${audited.length} rows`)
      }
      const after = await readContents(database.db)
      for (const table of Object.keys(before)) {
        if (before[table]!.join('\n') === after[table]!.join('\n')) continue
        failures.push(`${nameOf(route)}: a refused request changed ${table}`)
      }
      before = after
    }
    const reached = asked
      .slice(from)
      .filter(({ id, method }) => id?.startsWith('hub-') || method !== 'GET')
    expect({ failures, reached }).toEqual({ failures: [], reached: [] })
    expect(refused).toBeGreaterThan(1000)
  })

  test('a hidden instance answers like one that does not exist', async () => {
    const inside = listedRoutes().filter(
      ({ declaration: { policy } }) => typeof policy === 'object' && policy.scope !== 'hub',
    )
    expect(inside.length).toBeGreaterThan(5)
    for (const route of inside) {
      const hiddenFrom = callers.filter((each) => expectedOf(route.declaration, each) === 404)
      for (const caller of hiddenFrom) {
        const [hidden, missing] = await Promise.all([
          send(route, caller),
          send(route, caller, 'no-such'),
        ])
        const withoutNames = ({ requestId, status, text }: Answer) =>
          `${status} ${text}`
            .replaceAll(requestId, '')
            .replaceAll(/"instance":"[^"]*"/g, '')
            .replaceAll(/prod-east|no-such/g, '…')
        expect(withoutNames(hidden)).toBe(withoutNames(missing))
      }
    }
  })

  test('nobody unknown hears more than 401, whatever they send', async () => {
    const nobody = callers.find(({ kind }) => kind === 'nobody')!
    for (const { declaration, method, path } of listedRoutes()) {
      if (declaration.policy === 'public') continue
      const response = await nobody.ask(path.replaceAll(/:\w+/g, 'X'), {
        method,
        ...(method !== 'GET' && {
          body: '{"none":1}',
          headers: { 'content-type': 'application/json' },
        }),
      })
      expect([path, response.status]).toEqual([path, 401])
    }
  })

  test('no write is taken from another site, whoever is signed in', async () => {
    const admin = callers.find(({ name }) => name === 'session of admin, all')!
    const before = await readContents(database.db)
    const from = asked.length
    for (const route of listedRoutes()) {
      if (route.method === 'GET' || route.declaration.id === 'endByProvider') continue
      // It takes no cookie.
      if (route.declaration.policy === 'bearer') continue
      const response = await admin.ask(pathTo(route, here.instance), {
        method: route.method,
        headers: { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' },
        ...(route.method !== 'DELETE' && { body: JSON.stringify(inputOf(route).body ?? {}) }),
      })
      const { code } = (await response.json()) as { code: string }
      expect([nameOf(route), response.status, code]).toEqual([nameOf(route), 403, 'csrf'])
    }
    expect(await readContents(database.db)).toEqual(before)
    expect(asked.slice(from).filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test('what is there can be changed and removed, and answers as documented', async () => {
    const caller = callers.find(({ name }) => name === 'session of admin, all')!
    const succeed = async <T>(operationId: string, input: Request): Promise<T> => {
      const route = byId(operationId)
      const path = pathTo(route, here.instance, input)
      const answer = await sendTo(path, route, caller, input)
      expect([operationId, answer.status < 300, answer.text]).toEqual([
        operationId,
        true,
        answer.text,
      ])
      expect([operationId, check(route, answer)]).toEqual([operationId, null])
      return (answer.text === '' ? null : JSON.parse(answer.text)) as T
    }
    type WithId = { id: string }
    const grant = await succeed<WithId>('createGrant', { body: grantInput() })
    await succeed('deleteGrant', { path: { grant: grant.id } })
    const programs = await succeed<WithId>('createGrantOfService', { body: grantInput() })
    await succeed('deleteGrantOfService', { path: { grant: programs.id } })
    const request = await succeed<WithId>('createRequest', inputOf(byId('createRequest')))
    await succeed('withdrawRequest', { path: { id: request.id } })
    const mapping = await succeed<WithId>('createMapping', { body: mappingInput() })
    await succeed('updateMapping', { path: { id: mapping.id }, body: mappingInput() })
    await succeed('deleteMapping', { path: { id: mapping.id } })
    await succeed('createDeployment', { body: { name: 'brief', spec }, query: 'dryRun=All' })
    await succeed('createDeployment', { body: { name: 'brief', spec } })
    const brief = { path: { name: 'brief' } }
    const { version } = await succeed<{ version: string }>('getManifest', brief)
    expect(version).toMatch(/^[\w-]{32}$/)
    const patch = { spec: { scaling: { replicas: 2 } } }
    await succeed('updateDeployment', { ...brief, body: patch, query: 'dryRun=All' })
    await succeed('updateDeployment', { ...brief, body: patch })
    await succeed('getHistory', brief)
    await succeed('restoreDeployment', { ...brief, body: { generation: 1 } })
    await succeed('putPolicy', { body: defaultPolicy })
    await succeed('getPolicy', {})
    await succeed('deletePolicy', {})
    await succeed('closeInstance', inputOf(byId('closeInstance')))
    await succeed('openInstance', {})
    await succeed('createTemplate', { body: templateInput('census') })
    await succeed('updateTemplate', { path: { id: 'census' }, body: templateInput('census') })
    await succeed('deleteTemplate', { path: { id: 'census' } })
    await succeed('pauseDeployment', brief)
    await succeed('resumeDeployment', brief)
    await succeed('deleteDeployment', { ...brief, query: 'dryRun=All' })
    await succeed('deleteDeployment', brief)
    const token = await succeed<{ token: WithId }>('createToken', inputs['createToken'] as Request)
    await succeed('revokeToken', { path: { id: token.token.id } })

    const other = hub.browser()
    await other.signIn('zoe')
    const { items } = await succeed<{ items: (WithId & { identities: WithId[] })[] }>('listUsers', {
      query: 'q=zoe',
    })
    const [{ id, identities }] = items as [(typeof items)[0]]
    const made = await other.send('POST', '/api/auth/tokens', {
      name: 'theirs',
      roleCeiling: 'viewer',
      expiresInDays: 1,
    })
    const theirs = (await made.json()) as { token: WithId }
    await succeed('revokeTokenOf', { path: { id, token: theirs.token.id } })
    const sessions = await succeed<{ items: WithId[] }>('listSessionsOf', { path: { user: id } })
    await succeed('revokeSessionOf', { path: { user: id, session: sessions.items[0]!.id } })
    const moved = { path: {}, body: { identityId: identities[0]!.id } }
    await succeed('linkIdentity', moved)
    await succeed('unlinkIdentity', { path: { identity: identities[0]!.id } })
    await succeed('putCredential', inputs['putCredential'] as Request)
    await succeed('deleteCredential', { path: { instance: 'third' } })
  })

  test('whoever may is served, and every answer is as documented', async () => {
    const failures: string[] = []
    const inOrder = listedRoutes().toSorted(
      (a, b) => Number(inputOf(a).isLast ?? false) - Number(inputOf(b).isLast ?? false),
    )
    const from = asked.length
    const served = new Map<string, Answer[]>()
    for (const route of inOrder) {
      const allowed = callers.filter((each) => expectedOf(route.declaration, each) === 'allowed')
      expect([nameOf(route), allowed.length > 0]).toEqual([nameOf(route), true])
      const answers = await Promise.all(
        allowed.map(async (caller) => {
          const answer = await sendUntilTaken(route, caller)
          const fault = faultOf(route, answer, 'allowed')
          if (fault) failures.push(`${nameOf(route)} by ${caller.name}: ${fault}`)
          return answer
        }),
      )
      served.set(route.declaration.id, answers)
    }
    expect(failures).toEqual([])
    // What was let through did reach the cluster, so its silence about the rest says something.
    const reached = new Set(asked.slice(from).map(({ id }) => id))
    for (const { requestId } of served.get('createDeployment')!) {
      expect(reached).toContain(`hub-${requestId}`)
    }
  })

  test('what declares it takes a sign-in of the last 15 minutes, or a token', async () => {
    const late = hub.browser()
    await late.signIn('admin-all')
    hub.advance(16 * 60_000)
    const caller: Caller = {
      ...callers.find(({ name }) => name === 'session of admin, all')!,
      ask: late.request,
    }
    const token = callers.find(({ name }) => name === 'token of admin, all')!
    const refusedTokens: string[] = []
    const fresh = listedRoutes().filter(
      ({ declaration: { policy } }) =>
        policy === 'fresh-browser-session' || (typeof policy === 'object' && policy.isFresh),
    )
    expect(fresh.length).toBeGreaterThan(10)
    for (const route of listedRoutes()) {
      const { policy: of } = route.declaration
      if (of === 'public' || of === 'bearer') continue
      const answer = await send(route, caller)
      const isRefused = answer.status === 401
      expect([nameOf(route), isRefused]).toEqual([nameOf(route), fresh.includes(route)])
      if (!isRefused) continue
      const { policy } = route.declaration
      if (typeof policy === 'object' && !policy.takesSession) {
        const { status } = await send(route, token)
        const isExpected = status === inputOf(route).status
        if (!isExpected && (status === 401 || status === 403)) refusedTokens.push(nameOf(route))
      }
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'reauthentication-required' })
      expect(check(route, answer)).toBeNull()
    }
    expect(refusedTokens).toEqual([])
  })

  /** Null where the answer is what was expected of this route, and as documented. */
  const faultOf = (route: Listed, answer: Answer, expected: Outcome): string | null => {
    const { status, text } = answer
    // Several targets have a refusal each, in an answer of their own.
    const isHidden =
      status !== 200 && /There is no instance \\"[^"]+\\" that you can see/.test(text)
    if (expected !== 'allowed') {
      if (status !== expected) return `${status}, not ${expected}`
      if (status === 404 && !isHidden) return '404 of another kind'
    } else {
      const wanted = inputOf(route).status
      const isServed = wanted === undefined ? status < 300 || status === 404 : status === wanted
      if (!isServed || isHidden) return `${status}: ${text.slice(0, 200)}`
      const schema = route.answers[status]
      if (schema instanceof z.ZodType) {
        const value: unknown = JSON.parse(text)
        const parsed = schema.safeParse(value)
        if (!parsed.success) return `is not what is declared: ${parsed.error.message}`
        expect([nameOf(route), value]).toEqual([nameOf(route), parsed.data])
      }
    }
    return check(route, answer)
  }
})

function nameOf({ method, path }: Pick<Listed, 'method' | 'path'>): string {
  return `${method} ${path}`
}

async function prepareCluster(cluster: ApiServer): Promise<void> {
  const client = createKubeClient(cluster.kubeconfig('client-certificate'))
  try {
    for (const name of [here.namespace, elsewhere.namespace]) {
      await client.request('POST', '/api/v1/namespaces', {
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      })
    }
    await client.request(
      'POST',
      `/apis/airunway.ai/v1alpha1/namespaces/${here.namespace}/modeldeployments`,
      {
        body: {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'ModelDeployment',
          metadata: { name: 'ours', namespace: here.namespace },
          spec: { ...spec, resources: { gpu: { count: 1 } } },
        },
      },
    )
  } finally {
    await client.close()
  }
}
