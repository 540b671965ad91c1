import { randomUUID } from 'node:crypto'
import { GroupMapping, GroupMappingList, type CreatedApiToken, type Grant } from '@hub/shared'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import { hubOrigin, type Browser } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'
import { readDocumentedBody } from '../../test/documented-body.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'

const mappings = '/api/admin/group-mappings'
const documented = readDocumentedBody('/api/admin/group-mappings')

describe.each(databases)('group mappings on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let admin: Browser
  let clockOffsetSeconds = 0

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_ALLOW_INSECURE_TLS: 'true',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:eve', role: 'viewer' },
          { principal: 'oidc:dan', role: 'deployer' },
        ]),
      },
      credentials: { 'prod-east': deadKubeconfig, 'prod-west': deadKubeconfig },
    })
    admin = await signIn('root')
  })
  afterAll(async () => {
    await replicas.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  /** Signs in as somebody whose provider names these groups; with null it names none at all. */
  const signIn = async (subject: string, groups: unknown = []) => {
    const browser = replicas.here.browser()
    const url = await browser.startLogin()
    identityProvider.answers.claims = (claims) => ({
      ...claims,
      sub: subject,
      name: subject,
      groups,
      iat: claims.iat! + clockOffsetSeconds,
      exp: claims.exp! + clockOffsetSeconds,
    })
    const parameters = identityProvider.authorize(url)
    expect((await browser.finishLogin(parameters)).status).toBe(303)
    return browser
  }
  const create = async (input: Record<string, unknown>) => {
    const body = { provider: 'oidc', role: 'viewer', ...input }
    const response = await admin.send('POST', mappings, body)
    expect([input, response.status]).toEqual([input, 201])
    return GroupMapping.parse(await response.json())
  }
  const grantsOf = async (browser: Browser) => {
    const { grants } = (await (await browser.get('/api/auth/me')).json()) as { grants: Grant[] }
    return grants.map(({ instanceId, namespaces, role, source }) => ({
      role,
      instanceId,
      namespaces,
      source,
    }))
  }
  const audit = async (action: string) =>
    (await selectAuditRows(database.db, 20)).find((row) => row.action === action)
  const countRows = async () => {
    const { auditLog, grants, groupMappings } = database.db.tables
    const { read } = database.db
    return {
      mappings: await read.$count(groupMappings),
      grants: await read.$count(grants),
      audit: await read.$count(auditLog),
    }
  }
  const viewer = (instanceId: string | null) => ({
    role: 'viewer',
    instanceId,
    namespaces: null,
    source: 'group',
  })

  test('401, 403 for viewers and deployers, who leave nothing but an audit row', async () => {
    const { id } = await create({ groupId: 'guarded' })
    const [eve, dan] = [await signIn('eve'), await signIn('dan')]
    const asks = [
      ['GET', mappings],
      ['POST', mappings],
      ['PUT', `${mappings}/${id}`],
      ['DELETE', `${mappings}/${id}`],
    ] as const
    for (const [method, path] of asks) {
      const ask = (browser: Browser) =>
        method === 'GET' ? browser.get(path) : browser.send(method, path, documented)
      const before = await countRows()
      expect([method, (await ask(replicas.here.browser())).status]).toEqual([method, 401])
      expect(await countRows()).toEqual(before)
      for (const browser of [eve, dan]) {
        expect([method, (await ask(browser)).status]).toEqual([method, 403])
      }
      expect(await countRows()).toEqual({ ...before, audit: before.audit + 2 })
      expect(await audit('access.denied')).toMatchObject({
        actor: 'oidc:dan',
        target: { permission: 'group-mapping.manage' },
      })
    }
  })

  test('are made by the documented curl, with an API token of an administrator', async () => {
    const made = await admin.send('POST', '/api/auth/tokens', {
      name: 'terraform',
      roleCeiling: 'admin',
      expiresInDays: 1,
    })
    const { secret } = (await made.json()) as CreatedApiToken
    const response = await replicas.here.app.request(`${hubOrigin}${mappings}`, {
      method: 'POST',
      headers: {
        host: new URL(hubOrigin).host,
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(documented),
    })
    expect(response.status).toBe(201)
    const mapping = GroupMapping.parse(await response.json())
    expect(mapping).toMatchObject({
      ...documented,
      provider: 'entra',
      createdBy: 'oidc:root',
      people: 0,
    })
    expect(await audit('group-mapping.create')).toMatchObject({
      actor: 'oidc:root',
      outcome: 'success',
      target: { mappingId: mapping.id },
      after: { ...documented, provider: 'entra', people: 0 },
    })
  })

  test.each([
    ['admin on an instance', { role: 'admin', instanceId: 'prod-east' }, '/role', 'hub-wide'],
    ['admin in namespaces', { role: 'admin', namespaces: ['a'] }, '/role', 'hub-wide'],
    ['no namespace', { namespaces: [] }, '/namespaces', 'leave it out'],
    ['an unknown provider', { provider: 'okta' }, '/provider', 'entra, github or oidc'],
    ['an unknown role', { role: 'owner' }, '/role', 'viewer'],
    ['no group', { groupId: ' ' }, '/groupId', "the group's id"],
    ['a misspelt field', { namespace: 'a' }, '/namespace', 'unknown field'],
  ])('400 for %s, in a sentence', async (_name, input, pointer, detail) => {
    const before = await countRows()
    const body = { groupId: 'refused', role: 'viewer', ...input }
    const response = await admin.send('POST', mappings, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      errors: [{ pointer, detail: expect.stringContaining(detail) }],
    })
    expect(await countRows()).toEqual(before)
  })

  test('404 for an unknown instance and an unknown mapping, 409 for a duplicate', async () => {
    const unknown = await admin.send('POST', mappings, { ...documented, instanceId: 'nowhere' })
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ detail: expect.stringContaining('"nowhere"') })
    const path = `${mappings}/${randomUUID()}`
    expect((await admin.send('PUT', path, documented)).status).toBe(404)
    expect((await admin.send('DELETE', path)).status).toBe(404)

    const place = { groupId: 'twice', instanceId: 'prod-east', namespaces: ['a', 'b'] }
    const first = await create(place)
    const second = await create({ ...place, namespaces: ['a'] })
    const same = { provider: 'oidc', role: 'viewer', ...place, namespaces: ['b', 'a', 'b'] }
    for (const response of [
      await admin.send('POST', mappings, same),
      await admin.send('PUT', `${mappings}/${second.id}`, same),
    ]) {
      expect(response.status).toBe(409)
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining('twice') })
    }
    expect((await admin.send('PUT', `${mappings}/${first.id}`, same)).status).toBe(200)
  })

  test('are listed page by page', async () => {
    for (const groupId of ['page-1', 'page-2', 'page-3']) await create({ groupId })
    const all: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = `limit=2${cursor && `&cursor=${cursor}`}`
      const page = GroupMappingList.parse(await (await admin.get(`${mappings}?${query}`)).json())
      all.push(...page.items.map(({ id }) => id))
      cursor = page.next
      expect(page.total).toBe((await countRows()).mappings)
    }
    expect(new Set(all).size).toBe((await countRows()).mappings)
    expect(all).toHaveLength(new Set(all).size)
    for (const nonsense of ['nonsense', Buffer.from('["a"]').toString('base64url')]) {
      expect((await admin.get(`${mappings}?cursor=${nonsense}`)).status).toBe(400)
    }
  })

  test('act at once for everybody in the group, open streams on the other replica included', async () => {
    const [ann, ben, cy] = [
      await signIn('ann', ['ml', '100%"_']),
      await signIn('ben', ['ml']),
      await signIn('cy', ['ml-interns']),
    ]
    const stream = readEvents(await replicas.atOther(ann).get('/api/stream'))
    const startedAt = performance.now()
    const mapping = await create({ groupId: 'ml', instanceId: 'prod-east' })
    expect(mapping.people).toBe(2)
    expect(await grantsOf(ann)).toEqual([viewer('prod-east')])
    expect(await grantsOf(ben)).toEqual([viewer('prod-east')])
    expect(await grantsOf(cy)).toEqual([])
    await expect
      .poll(() => stream.events.map(({ type }) => type), { timeout: 20_000 })
      .toContain('reset')
    await expect.poll(() => grantsOf(replicas.atOther(ann))).toHaveLength(1)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await stream.close()
    const odd = await create({ groupId: '100%"_', instanceId: 'prod-west' })
    expect(odd.people).toBe(1)

    const moved = { provider: 'oidc', role: 'viewer', groupId: 'ml', instanceId: 'prod-west' }
    const path = `${mappings}/${mapping.id}`
    expect((await admin.send('PUT', path, moved)).status).toBe(200)
    expect(await grantsOf(ben)).toEqual([viewer('prod-west')])
    expect(await audit('group-mapping.update')).toMatchObject({
      before: { instanceId: 'prod-east' },
      after: { instanceId: 'prod-west', people: 2 },
    })
    const other = await admin.send('PUT', path, { ...moved, groupId: 'ml-interns' })
    expect(await other.json()).toMatchObject({ people: 1 })
    expect(await grantsOf(ben)).toEqual([])
    expect(await grantsOf(cy)).toEqual([viewer('prod-west')])
    expect((await admin.send('DELETE', path)).status).toBe(204)
    expect(await grantsOf(cy)).toEqual([])
    expect(await grantsOf(ann)).toEqual([viewer('prod-west')])
    expect(await audit('group-mapping.delete')).toMatchObject({ before: { people: 1 } })
  })

  test('at sign-in: entering gives, leaving takes, manual grants and other providers stay', async () => {
    await create({ groupId: 'team-a', instanceId: 'prod-east' })
    await create({ groupId: 'team-b', instanceId: 'prod-west' })
    await create({ groupId: 'team-a', provider: 'github', instanceId: 'prod-west' })
    let browser = await signIn('mover', ['team-a'])
    expect(await grantsOf(browser)).toEqual([viewer('prod-east')])
    const { identities } = database.db.tables
    const rows = await database.db.read.select().from(identities)
    const { userId } = rows.find(({ principal }) => principal === 'oidc:mover')!
    await database.db.transaction((tx) =>
      tx.queries.insert(tx.tables.grants).values({
        id: randomUUID(),
        userId,
        servicePrincipalId: null,
        role: 'deployer',
        instanceId: 'prod-east',
        namespaces: null,
        source: 'manual',
        mappingId: null,
        endsAt: null,
        createdAt: new Date(),
        createdBy: 'test',
      }),
    )
    const manual = { ...viewer('prod-east'), role: 'deployer', source: 'manual' }
    browser = await signIn('mover', ['team-b'])
    expect(await grantsOf(browser)).toEqual(expect.arrayContaining([manual, viewer('prod-west')]))
    expect(await grantsOf(browser)).toHaveLength(2)
    expect(await audit('grant.sync')).toMatchObject({
      actor: 'system',
      target: { userId, principals: ['oidc:mover'] },
      before: { grants: [{ instanceId: 'prod-east' }] },
      after: { grants: [{ instanceId: 'prod-west' }] },
    })
    // The last group lost.
    expect(await grantsOf(await signIn('mover', []))).toEqual([manual])
  })

  test('follow at once when identities are joined and parted', async () => {
    await create({ groupId: 'office', instanceId: 'prod-east' })
    await create({ groupId: 'hobby', instanceId: 'prod-west' })
    const work = await signIn('works', ['office'])
    await signIn('plays', ['hobby'])
    const identityOf = async (subject: string) => {
      const rows = await database.db.read.select().from(database.db.tables.identities)
      return rows.find(({ principal }) => principal === `oidc:${subject}`)!
    }
    const [office, hobby] = [await identityOf('works'), await identityOf('plays')]
    const path = `/api/admin/users/${office.userId}/identities`
    expect((await admin.send('POST', path, { identityId: hobby.id })).status).toBe(200)
    const both = [viewer('prod-east'), viewer('prod-west')]
    expect(await grantsOf(work)).toHaveLength(2)
    expect(await grantsOf(work)).toEqual(expect.arrayContaining(both))
    expect((await admin.send('DELETE', `${path}/${hobby.id}`)).status).toBe(200)
    expect(await grantsOf(work)).toEqual([viewer('prod-east')])
    const { userId } = await identityOf('plays')
    expect(userId).not.toBe(office.userId)
    const { grants } = database.db.tables
    const held = await database.db.read.select().from(grants).where(eq(grants.userId, userId))
    expect(held).toMatchObject([{ instanceId: 'prod-west', source: 'group' }])
  })

  test('a failed look-up keeps what groups gave for GROUP_STALE_MAX', async () => {
    await create({ groupId: 'kept', instanceId: 'prod-east' })
    await signIn('keeper', ['kept'])
    const before = await countRows()
    // A claim that is no list says nothing.
    expect(await grantsOf(await signIn('keeper', 7))).toEqual([viewer('prod-east')])
    expect((await countRows()).grants).toBe(before.grants)
    clockOffsetSeconds = 86_460
    replicas.advance(clockOffsetSeconds * 1000)
    try {
      expect(await grantsOf(await signIn('keeper', 7))).toEqual([])
      expect(await grantsOf(await signIn('keeper', ['kept']))).toEqual([viewer('prod-east')])
    } finally {
      replicas.advance(-clockOffsetSeconds * 1000)
      clockOffsetSeconds = 0
    }
  })

  test('the last administrator stays one, whichever mapping made them', async () => {
    const bosses = await create({ groupId: 'bosses', role: 'admin' })
    const boss = await signIn('boss', ['bosses'])
    expect(await grantsOf(boss)).toEqual([{ ...viewer(null), role: 'admin' }])
    const { users } = database.db.tables
    const setRoot = async (disabledAt: Date | null) => {
      const rows = await database.db.read.select().from(users)
      const { id } = rows.find(({ displayName }) => displayName === 'root')!
      await database.db.transaction(async (tx) => {
        await tx.queries.update(users).set({ disabledAt }).where(eq(users.id, id))
        await tx.announce({ topic: 'user', subject: id })
      })
    }
    await setRoot(new Date())
    try {
      const path = `${mappings}/${bosses.id}`
      const before = await countRows()
      for (const response of [
        await boss.send('DELETE', path),
        await boss.send('PUT', path, { provider: 'oidc', groupId: 'bosses', role: 'viewer' }),
      ]) {
        expect(response.status).toBe(409)
        expect(await response.json()).toMatchObject({
          detail: expect.stringContaining('last administrator'),
        })
      }
      expect(await countRows()).toEqual(before)
    } finally {
      await setRoot(null)
    }
    expect((await admin.send('DELETE', `${mappings}/${bosses.id}`)).status).toBe(204)
    expect(await grantsOf(boss)).toEqual([])
  })

  test('many sign-ins and changes of mappings at once end as groups and mappings say', async () => {
    const kept = await Promise.all(
      ['storm-1', 'storm-2'].map((groupId) => create({ groupId, instanceId: 'prod-east' })),
    )
    const doomed = await create({ groupId: 'storm-1', instanceId: 'prod-west' })
    let turn = 0
    identityProvider.answers.claims = (claims) => {
      const subject = `storm-person-${(turn += 1) % 6}`
      return {
        ...claims,
        sub: subject,
        name: subject,
        groups: ['storm-1', 'storm-2', 'storm-3'],
      }
    }
    const arrive = async (at: Replicas['here']) => {
      const browser = at.browser()
      return browser.finishLogin(identityProvider.authorize(await browser.startLogin()))
    }
    const arrivals = Array.from({ length: 24 }, (_, index) =>
      arrive(index % 2 === 0 ? replicas.here : replicas.there),
    )
    const answers = await Promise.all([
      ...arrivals,
      admin.send('DELETE', `${mappings}/${doomed.id}`),
      admin.send('POST', mappings, { provider: 'oidc', groupId: 'storm-3', role: 'deployer' }),
      admin.send('PUT', `${mappings}/${kept[0]!.id}`, {
        provider: 'oidc',
        groupId: 'storm-1',
        role: 'deployer',
        instanceId: 'prod-east',
      }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([...arrivals.map(() => 303), 204, 201, 200])
    const { grants, identities } = database.db.tables
    const people = (await database.db.read.select().from(identities)).filter(({ subject }) =>
      subject.startsWith('storm-person-'),
    )
    expect(people).toHaveLength(6)
    const rows = await database.db.read.select().from(grants)
    for (const { userId } of people) {
      const held = rows
        .filter((row) => row.userId === userId)
        .map(({ instanceId, role }) => `${role} ${instanceId}`)
        .toSorted()
      expect(held).toEqual(['deployer null', 'deployer prod-east', 'viewer prod-east'])
    }
  })
})
