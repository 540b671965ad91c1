import { randomUUID } from 'node:crypto'
import { startApiServer, type Cluster } from '@hub/demo'
import { GrantOriginList } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { createTransport, kubePath, parseKubeconfig, type Transport } from '#kube'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import type { Browser } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'
import { quietLog } from '../../test/quiet-log.ts'
import { endGrants } from './end-grants.ts'

const minute = 60_000
const policy = { allowLoopback: true, allowInsecureTls: false }
const day = 24 * 60 * minute

describe.each(databases)('grants that end on $dialect', ({ dialect, open }) => {
  let cluster: Cluster
  let transport: Transport
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let admin: Browser
  let offsetMs = 0

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      startApiServer(),
      open(),
      startOddIdentityProvider(),
    ])
    const kubeconfig = cluster.kubeconfig('client-certificate')
    const parsed = parseKubeconfig(kubeconfig, policy)
    if (!parsed.ok) throw new Error(parsed.reason)
    transport = createTransport(parsed.credential, { version: 'test', addresses: policy })
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      env: { HUB_ADMINS: 'oidc:root' },
      credentials: { 'prod-east': kubeconfig },
    })
    admin = await signIn('root')
  }, 60_000)
  afterAll(async () => {
    await replicas?.stop()
    await transport?.close({ graceMs: 100 })
    await cluster?.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  const signIn = async (subject: string) => {
    const browser = replicas.here.browser()
    expect((await browser.signIn(subject)).status).toBe(303)
    return browser
  }
  const advance = (ms: number) => {
    offsetMs += ms
    replicas.advance(ms)
  }
  /** Does it so much later, for the hubs alone. */
  const later = async (ms: number, work: () => Promise<void>) => {
    advance(ms)
    await work().finally(() => advance(-ms))
  }
  const now = () => new Date(Date.now() + offsetMs)
  const sweep = () => endGrants({ db: database.db, now, log: quietLog })
  const userIdOf = async (subject: string) => {
    const rows = await database.db.read.select().from(database.db.tables.identities)
    return rows.find(({ principal }) => principal === `oidc:${subject}`)!.userId
  }
  const grantUntil = async (subject: string, ms: number, scope: object = { role: 'viewer' }) => {
    const path = `/api/admin/users/${await userIdOf(subject)}/roles`
    const endsAt = new Date(now().getTime() + ms).toISOString()
    const response = await admin.send('POST', path, { ...scope, endsAt })
    expect(response.status).toBe(201)
    return ((await response.json()) as { id: string }).id
  }
  const deploy = async (name: string) => {
    const { status } = await transport.request({
      method: 'POST',
      path: kubePath(
        'apis',
        'airunway.ai',
        'v1alpha1',
        'namespaces',
        'default',
        'modeldeployments',
      ),
      body: {
        apiVersion: 'airunway.ai/v1alpha1',
        kind: 'ModelDeployment',
        metadata: { name },
        spec: { model: { id: 'x/y' } },
      },
    })
    expect(status).toBe(201)
  }
  const endsOf = async (grantId: string) =>
    (await selectAuditRows(database.db, 200)).filter(
      ({ action, target }) => action === 'grant.end' && target?.['grantId'] === grantId,
    )

  test('take what they gave out of open streams, with nobody asking, audited once by two replicas', async () => {
    const ann = await signIn('ann')
    const userId = await userIdOf('ann')
    const id = await grantUntil('ann', minute, { role: 'viewer', instanceId: 'prod-east' })
    await expect
      .poll(() => replicas.here.instances.find('prod-east')?.status.state, { timeout: 20_000 })
      .toBe('ready')
    const stream = readEvents(await ann.get('/api/stream'))
    const named = () =>
      stream.events.flatMap((event) => (event.type === 'deployment' ? [event.deployment.name] : []))
    await deploy('before')
    await expect.poll(named, { timeout: 20_000 }).toContain('before')
    await later(minute + 1_000, async () => {
      await expect
        .poll(() => stream.events.map(({ type }) => type), { timeout: 20_000 })
        .toContain('reset')
      await deploy('after')
      await expect
        .poll(() => replicas.here.fleet.get('prod-east', 'default', 'after'), { timeout: 20_000 })
        .not.toBeNull()
      expect(stream.events.at(-1)?.type).toBe('reset')
      expect(named()).not.toContain('after')
      expect((await ann.get('/api/instances/prod-east')).status).toBe(404)
      // And it is noted within ten seconds.
      await expect
        .poll(async () => (await ann.get('/api/auth/me')).json(), { timeout: 20_000 })
        .toMatchObject({ grants: [] })
      // The other replica has had its turn too.
      await sweep()
    }).finally(() => stream.close())
    expect(await endsOf(id)).toMatchObject([
      {
        actor: 'system',
        outcome: 'success',
        target: { userId, principals: ['oidc:ann'], grantId: id },
        before: { role: 'viewer', instanceId: 'prod-east', namespaces: null, source: 'manual' },
      },
    ])
    const { items } = GrantOriginList.parse(
      await (await admin.get(`/api/admin/users/${userId}/roles`)).json(),
    )
    expect(items).toMatchObject([{ id, source: 'manual' }])
  }, 20_000)

  test('end once, however many look at once, and are gone after 30 days', async () => {
    await signIn('bob')
    const ids = [
      await grantUntil('bob', minute),
      await grantUntil('bob', minute, { role: 'deployer' }),
    ]
    const lasting = await grantUntil('bob', 90 * day, { role: 'viewer', namespaces: ['a'] })
    await later(2 * minute, async () => {
      await Promise.all([sweep(), sweep(), sweep()])
    })
    for (const id of ids) expect(await endsOf(id)).toHaveLength(1)
    const { grants } = database.db.tables
    const left = async () => (await database.db.read.select().from(grants)).map(({ id }) => id)
    expect(await left()).toEqual(expect.arrayContaining([...ids, lasting]))
    await later(31 * day, sweep)
    expect(await left()).toContain(lasting)
    for (const id of ids) expect(await left()).not.toContain(id)
  })

  test('an approved request says that it ended, in open streams too', async () => {
    const cleo = await signIn('cleo')
    const made = await cleo.send('POST', '/api/access-requests', {
      role: 'viewer',
      reason: 'to look',
      minutes: 15,
    })
    const { id } = (await made.json()) as { id: string }
    const approved = await admin.send('POST', `/api/admin/access-requests/${id}/approve`, {})
    const { grantId } = (await approved.json()) as { grantId: string }
    const stream = readEvents(await admin.get('/api/stream'))
    await later(16 * minute, async () => {
      await sweep()
      await expect
        .poll(() => stream.events.map(({ type }) => type), { timeout: 20_000 })
        .toEqual(['access-requests'])
      expect(await (await cleo.get('/api/access-requests')).json()).toMatchObject({
        items: [{ id, state: 'ended' }],
      })
    }).finally(() => stream.close())
    expect(await endsOf(grantId)).toMatchObject([{ before: { source: 'request' } }])
  })

  test('an administrator whose grant has ended is none', async () => {
    await signIn('dora')
    const userId = await userIdOf('dora')
    await grantUntil('dora', minute, { role: 'admin' })
    const read = async () =>
      (await (await admin.get(`/api/admin/users/${userId}`)).json()) as { isAdministrator: boolean }
    expect((await read()).isAdministrator).toBe(true)
    await later(2 * minute, async () => {
      expect((await read()).isAdministrator).toBe(false)
      await sweep()
      expect((await read()).isAdministrator).toBe(false)
    })
  })

  test('programs lose theirs as well', async () => {
    const { grants, servicePrincipals } = database.db.tables
    const servicePrincipalId = randomUUID()
    const id = randomUUID()
    await database.db.transaction(async (tx) => {
      await tx.queries.insert(servicePrincipals).values({
        id: servicePrincipalId,
        issuer: 'https://issuer.test',
        clientId: 'ci',
        principal: 'service:ci@https://issuer.test',
        displayName: 'ci',
        createdAt: now(),
      })
      await tx.queries.insert(grants).values({
        id,
        servicePrincipalId,
        role: 'viewer',
        source: 'manual',
        endsAt: now(),
        createdAt: now(),
        createdBy: 'test',
      })
    })
    await sweep()
    expect(await endsOf(id)).toMatchObject([
      { target: { servicePrincipalId, principals: ['service:ci@https://issuer.test'] } },
    ])
  })
})
