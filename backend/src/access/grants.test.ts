import { randomUUID } from 'node:crypto'
import {
  EffectiveAccess,
  GrantOrigin,
  GrantOriginList,
  OutsideProviderList,
  ServicePrincipalList,
} from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, type Browser } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts'
import { readDocumentedBody } from '../../test/documented-body.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'

const users = '/api/admin/users'
const services = '/api/admin/service-principals'
const documented = readDocumentedBody('/api/admin/users/<id>/roles')

describe.each(databases)('grants on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let issuer: TokenIssuer
  let replicas: Replicas
  let admin: Browser

  beforeAll(async () => {
    ;[database, identityProvider, issuer] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startTokenIssuer(),
    ])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_ALLOW_INSECURE_TLS: 'true',
        JWT_ISSUERS: `${issuer.issuer};hub`,
        GROQ_API_KEY: 'k',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:eve', role: 'viewer' },
          { principal: 'oidc:dan', role: 'deployer', instanceId: 'prod-east', namespaces: ['a'] },
        ]),
      },
      credentials: { 'prod-east': deadKubeconfig, 'prod-west': deadKubeconfig },
    })
    admin = await signIn('root')
  })
  afterAll(async () => {
    await replicas.stop()
    await issuer.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  const signIn = async (subject: string, groups: string[] = []) => {
    const browser = replicas.here.browser()
    const url = await browser.startLogin()
    identityProvider.answers.claims = (claims) => ({
      ...claims,
      sub: subject,
      name: subject,
      groups,
    })
    expect((await browser.finishLogin(identityProvider.authorize(url))).status).toBe(303)
    return browser
  }
  const userIdOf = async (subject: string) => {
    const rows = await database.db.read.select().from(database.db.tables.identities)
    return rows.find(({ principal }) => principal === `oidc:${subject}`)!.userId
  }
  const roles = (id: string) => `${users}/${id}/roles`
  const grant = async (id: string, input: unknown, by: Browser = admin) => {
    const response = await by.send('POST', roles(id), input)
    expect(response.status).toBe(201)
    return GrantOrigin.parse(await response.json())
  }
  const list = async (path: string) =>
    GrantOriginList.parse(await (await admin.get(path)).json()).items
  const held = async (browser: Browser) =>
    ((await (await browser.get('/api/auth/me')).json()) as { grants: unknown[] }).grants
  const audit = async (action: string) =>
    (await selectAuditRows(database.db, 20)).find((row) => row.action === action)
  const countRows = async () => {
    const { auditLog, grants } = database.db.tables
    const { read } = database.db
    return { grants: await read.$count(grants), audit: await read.$count(auditLog) }
  }
  const explain = async (query: Record<string, string>) => {
    const response = await admin.get(
      `/api/admin/effective-access?${new URLSearchParams(query).toString()}`,
    )
    expect(response.status).toBe(200)
    return EffectiveAccess.parse(await response.json())
  }

  test('401, 403 for viewers and deployers, who leave nothing but an audit row', async () => {
    const browsers = [await signIn('eve'), await signIn('dan')]
    const id = await userIdOf('eve')
    const asks = [
      ['GET', roles(id)],
      ['POST', roles(id)],
      ['DELETE', `${roles(id)}/x`],
      ['GET', '/api/admin/outside-providers'],
      ['GET', services],
      ['GET', `${services}/${randomUUID()}`],
      ['GET', `${services}/${randomUUID()}/roles`],
      ['POST', `${services}/${randomUUID()}/roles`],
      ['DELETE', `${services}/${randomUUID()}/roles/x`],
      ['GET', `/api/admin/effective-access?user=${id}`],
    ] as const
    for (const [method, path] of asks) {
      const ask = (browser: Browser) =>
        method === 'GET'
          ? browser.get(path)
          : browser.send(method, path, method === 'POST' ? documented : undefined)
      const before = await countRows()
      expect([path, (await ask(replicas.here.browser())).status]).toEqual([path, 401])
      expect(await countRows()).toEqual(before)
      for (const browser of browsers) {
        expect([method, path, (await ask(browser)).status]).toEqual([method, path, 403])
      }
      expect(await countRows()).toEqual({ ...before, audit: before.audit + 2 })
      expect(await audit('access.denied')).toMatchObject({
        actor: 'oidc:dan',
        target: { permission: 'grant.manage' },
      })
    }
  })

  test('are given on a provider of models outside, which people are shown beside instances', async () => {
    const response = await admin.get('/api/admin/outside-providers')
    expect(OutsideProviderList.parse(await response.json()).items).toEqual([{ id: 'groq' }])
    const browser = await signIn('olga')
    const id = await userIdOf('olga')
    await grant(id, { role: 'viewer', instanceId: 'groq' })
    expect(await held(browser)).toMatchObject([{ role: 'viewer', instanceId: 'groq' }])
    const why = await explain({ user: id, instance: 'groq' })
    expect(why.decisions.find(({ permission }) => permission === 'deployment.chat')).toMatchObject({
      isAllowed: true,
      obstacle: null,
    })
    const unset = await admin.send('POST', roles(id), { role: 'viewer', instanceId: 'openai' })
    expect(unset.status).toBe(404)
    const mapping = { provider: 'oidc', groupId: 'groq-users', role: 'viewer', instanceId: 'groq' }
    expect((await admin.send('POST', '/api/admin/group-mappings', mapping)).status).toBe(201)
  })

  test('are given and taken by the documented body, at once on both replicas, audited', async () => {
    const browser = await signIn('ann')
    const there = replicas.atOther(browser)
    expect(await held(there)).toEqual([])
    const id = await userIdOf('ann')
    const made = await grant(id, documented)
    expect(made).toMatchObject({
      ...documented,
      source: 'manual',
      endsAt: null,
      isActive: true,
      createdBy: 'oidc:root',
      createdByName: 'root',
    })
    expect(await held(browser)).toMatchObject([documented])
    await expect.poll(() => held(there), { timeout: 20_000 }).toHaveLength(1)
    expect(await list(roles(id))).toEqual([made])
    expect(await audit('grant.create')).toMatchObject({
      actor: 'oidc:root',
      target: { userId: id, principals: ['oidc:ann'], grantId: made.id },
      after: { ...documented, endsAt: null },
    })
    expect((await admin.send('DELETE', `${roles(id)}/${made.id}`)).status).toBe(204)
    expect(await held(browser)).toEqual([])
    await expect.poll(() => held(there), { timeout: 20_000 }).toEqual([])
    expect(await audit('grant.delete')).toMatchObject({
      target: { grantId: made.id },
      before: documented,
    })
    expect((await admin.send('DELETE', `${roles(id)}/${made.id}`)).status).toBe(404)
  })

  test.each([
    ['admin on an instance', { role: 'admin', instanceId: 'prod-east' }, '/role', 'hub-wide'],
    ['no namespace', { role: 'viewer', namespaces: [] }, '/namespaces', 'leave it out'],
    ['an end in the past', { role: 'viewer', endsAt: '2020-01-01T00:00:00Z' }, '/endsAt', 'past'],
    ['an end that is no time', { role: 'viewer', endsAt: 'soon' }, '/endsAt', 'zone'],
    ['another source', { role: 'viewer', source: 'group' }, '/source', 'unknown field'],
  ])('400 for %s, in a sentence', async (_name, input, pointer, detail) => {
    const before = await countRows()
    const response = await admin.send('POST', roles(await userIdOf('eve')), input)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      errors: [{ pointer, detail: expect.stringContaining(detail) }],
    })
    expect(await countRows()).toEqual(before)
  })

  test('404 for an unknown person or instance, 409 for the same again', async () => {
    const id = await userIdOf('eve')
    expect((await admin.send('POST', roles(randomUUID()), documented)).status).toBe(404)
    expect((await admin.get(roles(randomUUID()))).status).toBe(404)
    const nowhere = await admin.send('POST', roles(id), { role: 'viewer', instanceId: 'nowhere' })
    expect(nowhere.status).toBe(404)
    await grant(id, documented)
    const again = await admin.send('POST', roles(id), {
      ...documented,
      namespaces: ['data-science', 'ml-team'],
    })
    expect(again.status).toBe(409)
  })

  test('end by themselves', async () => {
    const browser = await signIn('guest')
    const id = await userIdOf('guest')
    const endsAt = new Date(Date.now() + 60_000).toISOString()
    await grant(id, { role: 'viewer', instanceId: 'prod-east', endsAt })
    expect((await browser.get('/api/instances/prod-east')).status).toBe(200)
    replicas.advance(61_000)
    try {
      expect((await browser.get('/api/instances/prod-east')).status).toBe(404)
      expect((await list(roles(id)))[0]).toMatchObject({ endsAt, isActive: false })
      // What has ended is in nobody's way.
      await grant(id, { role: 'viewer', instanceId: 'prod-east' })
    } finally {
      replicas.advance(-61_000)
    }
  })

  test('of groups and of the configuration are not edited by hand', async () => {
    await admin.send('POST', '/api/admin/group-mappings', {
      provider: 'oidc',
      groupId: 'g',
      role: 'viewer',
    })
    await signIn('member', ['g'])
    const id = await userIdOf('member')
    const [mapped] = await list(roles(id))
    expect(mapped).toMatchObject({ source: 'group', mapping: { groupId: 'g' } })
    const eve = await userIdOf('eve')
    const configured = (await list(roles(eve))).find(({ source }) => source === 'config')!
    expect(configured.principal).toBe('oidc:eve')
    for (const [path, words] of [
      [`${roles(id)}/${mapped!.id}`, 'change the group mapping'],
      [`${roles(eve)}/${configured.id}`, 'HUB_GRANTS'],
    ] as const) {
      const response = await admin.send('DELETE', path)
      expect(response.status).toBe(409)
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining(words) })
    }
    expect(await list(roles(id))).toHaveLength(1)
  })

  test('#35 nobody grants themselves: 403 with an audit row', async () => {
    const before = await countRows()
    const response = await admin.send('POST', roles(await userIdOf('root')), documented)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('You cannot give yourself roles'),
    })
    expect(await countRows()).toEqual({ ...before, audit: before.audit + 1 })
  })

  test('only who has signed in within 15 minutes changes them', async () => {
    const late = await signIn('root')
    const id = await userIdOf('eve')
    replicas.advance(15 * 60_000 + 1_000)
    try {
      for (const response of [
        await late.send('POST', roles(id), { role: 'viewer', instanceId: 'prod-west' }),
        await late.send('DELETE', `${roles(id)}/x`),
        await late.send('POST', '/api/admin/group-mappings', { groupId: 'x', role: 'viewer' }),
      ]) {
        expect(response.status).toBe(401)
        expect(await response.json()).toMatchObject({ code: 'reauthentication-required' })
      }
      expect((await late.get(roles(id))).status).toBe(200)
    } finally {
      replicas.advance(-(15 * 60_000 + 1_000))
    }
  })

  test('programs hold them too, from when they first come', async () => {
    const token = await issuer.sign()
    const ask = (path: string) =>
      replicas.here.app.request(`${hubOrigin}${path}`, {
        headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${token}` },
      })
    expect((await ask('/api/instances/prod-east')).status).toBe(404)
    const { items, total } = ServicePrincipalList.parse(await (await admin.get(services)).json())
    expect(total).toBe(1)
    const [program] = items
    expect(program!.principal).toBe(`service:ci@${issuer.issuer}`)
    const path = `${services}/${program!.id}/roles`
    const response = await admin.send('POST', path, { role: 'viewer', instanceId: 'prod-east' })
    expect(response.status).toBe(201)
    const made = GrantOrigin.parse(await response.json())
    expect((await ask('/api/instances/prod-east')).status).toBe(200)
    expect(await list(path)).toEqual([made])
    expect(await (await admin.get(`${services}/${program!.id}`)).json()).toMatchObject({
      id: program!.id,
      principal: program!.principal,
    })
    const why = await explain({
      service: program!.id,
      instance: 'prod-east',
      permission: 'instance.view',
    })
    expect(why.holder).toMatchObject({ type: 'service', displayName: 'ci' })
    expect(why.decisions[0]).toMatchObject({ isAllowed: true, grants: [made.id], obstacle: null })
    const nowhere = await explain({ service: program!.id, instance: 'no-such' })
    expect(nowhere.decisions[0]!.obstacle).toBe('There is no instance "no-such" in this hub.')
    expect((await admin.send('DELETE', `${path}/${made.id}`)).status).toBe(204)
    expect((await ask('/api/instances/prod-east')).status).toBe(404)
    const unknown = `${services}/${randomUUID()}`
    expect((await admin.get(unknown)).status).toBe(404)
    expect((await admin.send('POST', `${unknown}/roles`, documented)).status).toBe(404)
    for (const query of [`service=${program!.id}&user=${randomUUID()}`, 'instance=prod-east']) {
      const both = await admin.get(`/api/admin/effective-access?${query}`)
      expect(both.status).toBe(400)
      expect(await both.json()).toMatchObject({ errors: [{ pointer: '?user' }] })
    }
  })

  test('of the configuration count by whichever identity somebody signs in, tokens included', async () => {
    const linked = await signIn('linked')
    expect(await held(linked)).toEqual([])
    await signIn('dan')
    const id = await userIdOf('linked')
    const rows = await database.db.read.select().from(database.db.tables.identities)
    const dan = rows.find(({ principal }) => principal === 'oidc:dan')!
    const made = await linked.send('POST', '/api/auth/tokens', {
      name: 'ci',
      roleCeiling: 'viewer',
      expiresInDays: 1,
    })
    const { secret } = (await made.json()) as { secret: string }
    const joined = await admin.send('POST', `${users}/${id}/identities`, { identityId: dan.id })
    expect(joined.status).toBe(200)
    const configured = { role: 'deployer', instanceId: 'prod-east', namespaces: ['a'] }
    expect(await held(linked)).toMatchObject([{ ...configured, source: 'config' }])
    const ask = (path: string, token: string) =>
      replicas.here.app.request(`${hubOrigin}${path}`, {
        headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${token}` },
      })
    expect((await ask('/api/instances/prod-east', secret)).status).toBe(200)
    const answer = await explain({
      user: id,
      instance: 'prod-east',
      namespace: 'a',
      permission: 'deployment.create',
    })
    expect(answer.decisions[0]).toMatchObject({ isAllowed: true })
    // Parted, they are two again.
    await admin.send('DELETE', `${users}/${id}/identities/${dan.id}`)
    expect(await held(linked)).toEqual([])
    expect((await ask('/api/instances/prod-east', secret)).status).toBe(404)
  })

  describe('effective access', () => {
    test('says because of which grant, mapping or configuration, and why not', async () => {
      const id = await userIdOf('member')
      await grant(id, { role: 'deployer', instanceId: 'prod-west', namespaces: ['a'] })
      const answer = await explain({
        user: id,
        instance: 'prod-east',
        namespace: 'a',
        permission: 'deployment.view',
      })
      const [byGroup, byHand] = answer.grants
      expect(answer.holder).toMatchObject({ type: 'user', id, principals: ['oidc:member'] })
      expect(answer.decisions).toEqual([
        {
          permission: 'deployment.view',
          isAllowed: true,
          reason: 'Allowed by viewer on all instances from the group g of oidc.',
          obstacle: null,
          isClusterAsked: false,
          grants: [byGroup!.id],
          others: [{ grant: byHand!.id, reason: 'it is only for prod-west' }],
        },
      ])
      const [refused] = (
        await explain({
          user: id,
          instance: 'prod-east',
          namespace: 'a',
          permission: 'deployment.create',
        })
      ).decisions
      expect(refused).toMatchObject({ isAllowed: false, grants: [] })
      expect(refused!.reason).toBe(
        'Not by viewer on all instances from the group g of oidc: deployment.create needs the role deployer. Not by deployer on prod-west (a) from oidc:root: it is only for prod-west.',
      )
      const root = await explain({ user: await userIdOf('root') })
      expect(root.decisions).toHaveLength(11)
      expect(root.decisions[0]).toMatchObject({
        isAllowed: true,
        reason: expect.stringContaining('the configuration for oidc:root'),
      })
    })

    test('agrees with what the API answers, a disabled person and a missing instance included', async () => {
      const browser = await signIn('checked')
      const id = await userIdOf('checked')
      const decide = async (instance: string) =>
        (await explain({ user: id, instance, permission: 'instance.view' })).decisions[0]!
      const agrees = async (instance: string) => {
        const { isAllowed } = await decide(instance)
        expect((await browser.get(`/api/instances/${instance}`)).status === 200).toBe(isAllowed)
        return isAllowed
      }
      expect(await agrees('prod-east')).toBe(false)
      expect((await decide('prod-east')).reason).toBe('They have no grants.')
      await grant(id, { role: 'viewer' })
      expect(await agrees('prod-east')).toBe(true)
      expect(await agrees('nowhere')).toBe(false)
      expect((await admin.send('POST', `${users}/${id}/disable`)).status).toBe(200)
      expect(await agrees('prod-east')).toBe(false)
      expect((await decide('prod-east')).reason).toBe('checked is disabled.')
    })

    test('400 for a namespace without an instance, 404 for somebody unknown', async () => {
      const path = '/api/admin/effective-access'
      const response = await admin.get(`${path}?user=${randomUUID()}&namespace=a`)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ errors: [{ pointer: '?instance' }] })
      expect((await admin.get(`${path}?user=${randomUUID()}`)).status).toBe(404)
    })
  })
})

describe.each(databases)('the last administrator on $dialect', ({ dialect, open }) => {
  test('#35 stays, however many are taken at once: 409 for the last one’s own', async () => {
    const [database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    const replicas = await startReplicas({ dialect, database, identityProvider })
    try {
      const people = ['one', 'two', 'three']
      const browsers: Browser[] = []
      const granted: { userId: string; id: string }[] = []
      for (const subject of people) {
        const browser = replicas.here.browser()
        expect((await browser.signIn(subject)).status).toBe(303)
        browsers.push(browser)
        const rows = await database.db.read.select().from(database.db.tables.identities)
        const { userId } = rows.find(({ principal }) => principal === `oidc:${subject}`)!
        granted.push({ userId, id: await makeAdministrator(database, userId) })
      }
      // Each takes the next one's, all at once, on both replicas.
      const answers = await Promise.all(
        browsers.map((browser, index) => {
          const { id, userId } = granted[(index + 1) % people.length]!
          const at = index === 1 ? replicas.atOther(browser) : browser
          return at.send('DELETE', `${users}/${userId}/roles/${id}`)
        }),
      )
      const statuses = answers.map(({ status }) => status)
      const left = await database.db.read.$count(database.db.tables.grants)
      expect(left).toBe(people.length - statuses.filter((status) => status === 204).length)
      expect(left).toBeGreaterThanOrEqual(1)

      const rows = await database.db.read.select().from(database.db.tables.grants)
      const rest = browsers[granted.findIndex(({ id }) => id === rows[0]!.id)]!
      for (const { id, userId } of rows.slice(1)) {
        await expect
          .poll(async () => (await rest.send('DELETE', `${users}/${userId}/roles/${id}`)).status)
          .toBe(204)
      }
      const last = await rest.send('DELETE', `${users}/${rows[0]!.userId}/roles/${rows[0]!.id}`)
      expect(last.status).toBe(409)
      expect(await last.json()).toMatchObject({
        detail: expect.stringContaining('last administrator'),
      })
      expect(await database.db.read.$count(database.db.tables.grants)).toBe(1)
    } finally {
      await replicas.stop()
      await Promise.all([database.dispose(), identityProvider.stop()])
    }
  })

  test('for a time is none for good: the one for good stays, however they are taken away', async () => {
    const [database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    const replicas = await startReplicas({ dialect, database, identityProvider })
    try {
      const signIn = async (subject: string) => {
        const browser = replicas.here.browser()
        expect((await browser.signIn(subject)).status).toBe(303)
        const rows = await database.db.read.select().from(database.db.tables.identities)
        return { browser, ...rows.find(({ principal }) => principal === `oidc:${subject}`)! }
      }
      const [lasting, passing] = [await signIn('lasting'), await signIn('passing')]
      const forGood = await makeAdministrator(database, lasting.userId)
      const endsAt = new Date(Date.now() + 3_600_000)
      const forNow = await makeAdministrator(database, passing.userId, endsAt)

      const taken = await passing.browser.send(
        'DELETE',
        `${users}/${lasting.userId}/roles/${forGood}`,
      )
      expect(taken.status).toBe(409)
      const disabled = await passing.browser.send('POST', `${users}/${lasting.userId}/disable`)
      expect(disabled.status).toBe(409)
      expect(await disabled.json()).toMatchObject({
        detail: expect.stringContaining('last administrator') as string,
      })
      const path = `${users}/${passing.userId}/roles/${forNow}`
      expect((await lasting.browser.send('DELETE', path)).status).toBe(204)
    } finally {
      await replicas.stop()
      await Promise.all([database.dispose(), identityProvider.stop()])
    }
  })
})

async function makeAdministrator(
  { db }: TestDatabase,
  userId: string,
  endsAt: Date | null = null,
): Promise<string> {
  const id = randomUUID()
  await db.transaction(async (tx) => {
    await tx.queries.insert(tx.tables.grants).values({
      id,
      userId,
      servicePrincipalId: null,
      role: 'admin',
      instanceId: null,
      namespaces: null,
      source: 'manual',
      mappingId: null,
      endsAt,
      createdAt: new Date(),
      createdBy: 'test',
    })
    await tx.announce({ topic: 'grants', subject: userId })
  })
  return id
}
