import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditPage, GrantOriginList, GroupMappingList, type Problem } from '@hub/shared'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import { startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'

const mappings = '/api/admin/group-mappings'
/** The file is looked at every second; a busy machine takes longer. */
const soon = { timeout: 20_000 }

const base = `grants:
  - { principal: oidc:root, role: admin }
`
const withMapping = (role = 'viewer') => `groupMappings:
  - provider: oidc
    groupId: ml
    groupName: ML Engineers
    role: ${role}
${base}`

describe.each(databases)('the configuration file on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let otherDb: Database
  let oidc: OddIdentityProvider
  let folder: string
  let here: TestHub
  let there: TestHub
  let admin: Browser
  const fileOf = (replica: 'here' | 'there') => join(folder, `${replica}.yaml`)

  beforeAll(async () => {
    ;[database, oidc, folder] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      mkdtemp(join(tmpdir(), 'config-file-')),
    ])
    const { url } = database
    otherDb = await openDatabase(
      dialect === 'sqlite' ? { driver: 'sqlite', path: url } : { driver: 'postgres', url },
    )
    await write(base)
    const start = (db: Database, replica: 'here' | 'there') =>
      startHub({
        db,
        identityProvider: oidc,
        env: {
          HUB_CONFIG_FILE: fileOf(replica),
          HUB_ALLOW_INSECURE_TLS: 'true',
          GROUP_SYNC_INTERVAL: 'off',
        },
        credentials: { 'prod-east': deadKubeconfig },
      })
    here = await start(database.db, 'here')
    there = await start(otherDb, 'there')
    admin = await signIn('root')
  })
  afterAll(async () => {
    await Promise.all([here.stop(), there.stop()])
    await otherDb.close()
    await Promise.all([database.dispose(), oidc.stop(), rm(folder, { recursive: true })])
  })
  beforeEach(async () => {
    await write(base)
    await expect.poll(async () => (await list()).items, soon).toEqual([])
    await expect.poll(async () => (await list(atThere())).items, soon).toEqual([])
  })

  const write = async (text: string, replicas: ('here' | 'there')[] = ['here', 'there']) => {
    for (const replica of replicas) await writeFile(fileOf(replica), text)
  }
  const signIn = async (subject: string, groups: string[] = []) => {
    const browser = here.browser()
    const url = await browser.startLogin()
    oidc.answers.claims = (claims) => ({ ...claims, sub: subject, name: subject, groups })
    expect((await browser.finishLogin(oidc.authorize(url))).status).toBe(303)
    return browser
  }
  const atThere = (browser = admin) => there.browser('10.1.0.1', browser.cookies)
  const list = async (browser = admin, query = '') =>
    GroupMappingList.parse(await (await browser.get(`${mappings}${query}`)).json())
  const meOf = async (browser: Browser) =>
    (await (await browser.get('/api/auth/me')).json()) as {
      userId: string
      grants: { role: string; source: string }[]
    }
  const rolesOf = async (browser: Browser) => (await meOf(browser)).grants.map(({ role }) => role)
  const userIdOf = async (browser: Browser, name: string) => {
    const { items } = (await (await browser.get(`/api/admin/users?q=${name}`)).json()) as {
      items: { id: string }[]
    }
    return items[0]!.id
  }
  const problemOf = async (response: Response) => [
    response.status,
    ((await response.json()) as Problem).detail,
  ]
  const rows = async () => {
    const response = await admin.get('/api/admin/audit?action=config-file.apply')
    return AuditPage.parse(await response.json()).items
  }

  test('gives and takes back while the hub runs, in open pages too', async () => {
    const ada = await signIn('ada', ['ml'])
    expect(await rolesOf(ada)).toEqual([])
    await write(withMapping())
    await expect.poll(() => rolesOf(ada), soon).toEqual(['viewer'])
    const { events, close } = readEvents(await ada.get('/api/stream'))
    await write(base)
    await expect.poll(() => events.some(({ type }) => type === 'reset'), soon).toBe(true)
    expect(await rolesOf(ada)).toEqual([])
    await close()

    await write(`${base}  - { principal: oidc:ada, role: deployer, instanceId: prod-east }\n`)
    await expect.poll(() => rolesOf(ada), soon).toEqual(['deployer'])
  })

  test('who comes later has it at once, and who leaves the group loses it', async () => {
    await write(withMapping())
    await expect.poll(async () => (await list()).total, soon).toBe(1)
    expect(await rolesOf(await signIn('bea', ['ml']))).toEqual(['viewer'])
    expect((await list()).items[0]!.people).toBeGreaterThan(0)
    expect(await rolesOf(await signIn('bea', []))).toEqual([])
  })

  test('counts groups that could not be looked up again for a while, as others do', async () => {
    const gil = await signIn('gil', ['ml'])
    await write(withMapping())
    await expect.poll(() => rolesOf(gil), soon).toEqual(['viewer'])
    const userId = await userIdOf(admin, 'gil')
    const day = 24 * 3_600_000
    const lookedUp = (msAgo: number) =>
      database.db.transaction(async (tx) => {
        const { identities } = tx.tables
        const groupsSyncedAt = new Date(Date.now() - msAgo)
        await tx.queries
          .update(identities)
          .set({ groupsState: 'stale', groupsSyncedAt })
          .where(eq(identities.userId, userId))
        await tx.announce({ topic: 'user', subject: userId })
      })
    const { people } = (await list()).items[0]!
    await lookedUp(day - 60_000)
    expect(await rolesOf(gil)).toEqual(['viewer'])
    expect((await list()).items[0]!.people).toBe(people)
    await lookedUp(day + 60_000)
    expect(await rolesOf(gil)).toEqual([])
    expect((await list()).items[0]!.people).toBe(people - 1)
  })

  test('is read-only in the hub, which says where it stands', async () => {
    const cyd = await signIn('cyd', ['ml'])
    await write(withMapping())
    await expect.poll(() => rolesOf(cyd), soon).toEqual(['viewer'])
    const { configFile, items } = await list()
    expect(configFile).toMatchObject({ path: fileOf('here'), mistakes: [] })
    expect(items).toEqual([
      expect.objectContaining({ source: 'config', file: fileOf('here'), createdBy: 'config' }),
    ])
    const input = { provider: 'oidc', groupId: 'ml', role: 'viewer' }
    const path = `${mappings}/${items[0]!.id}`
    const sentence = expect.stringContaining(`${fileOf('here')} (HUB_CONFIG_FILE)`)
    expect(await problemOf(await admin.send('PUT', path, input))).toEqual([409, sentence])
    expect(await problemOf(await admin.send('DELETE', path))).toEqual([409, sentence])
    expect(await problemOf(await admin.send('POST', mappings, input))).toEqual([409, sentence])

    const roles = `/api/admin/users/${await userIdOf(admin, 'cyd')}/roles`
    const grants = GrantOriginList.parse(await (await admin.get(roles)).json())
    expect(grants).toMatchObject({
      configFile: { path: fileOf('here') },
      items: [{ source: 'group', file: fileOf('here'), mapping: { groupId: 'ml' } }],
    })
    const own = `/api/admin/users/${await userIdOf(admin, 'root')}/roles`
    const configured = GrantOriginList.parse(await (await admin.get(own)).json()).items[0]!
    expect(configured).toMatchObject({ source: 'config', file: fileOf('here') })
    for (const [at, id] of [
      [roles, grants.items[0]!.id],
      [own, configured.id],
    ] as const) {
      const response = await admin.send('DELETE', `${at}/${encodeURIComponent(id)}`)
      expect(await problemOf(response)).toEqual([409, sentence])
    }
  })

  test('is listed first, page by page, beside what was made by hand', async () => {
    await write(`groupMappings:
${['a', 'b', 'c'].map((id) => `  - { provider: oidc, groupId: ${id}, role: viewer }`).join('\n')}
${base}`)
    await expect.poll(async () => (await list()).total, soon).toBe(3)
    const made: string[] = []
    for (const groupId of ['d', 'e']) {
      const input = { provider: 'oidc', groupId, role: 'viewer' }
      const response = await admin.send('POST', mappings, input)
      expect(response.status).toBe(201)
      made.push(((await response.json()) as { id: string }).id)
    }
    for (const limit of [1, 2, 3, 5]) {
      const pages: string[][] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const query: string = `?limit=${limit}${cursor && `&cursor=${cursor}`}`
        const page: GroupMappingList = await list(admin, query)
        expect(page.total).toBe(5)
        pages.push(page.items.map(({ groupId, source }) => `${source} ${groupId}`))
        cursor = page.next
      }
      const all = pages.flat()
      expect(all.slice(0, 3).toSorted()).toEqual(['config a', 'config b', 'config c'])
      expect(all.slice(3)).toEqual(['manual d', 'manual e'])
      expect(pages).toHaveLength(Math.ceil(5 / limit))
    }
    for (const id of made) {
      expect((await admin.send('DELETE', `${mappings}/${id}`)).status).toBe(204)
    }
  })

  test('a wrong one is shown, and the one before it counts', async () => {
    const dan = await signIn('dan', ['ml'])
    await write(withMapping())
    await expect.poll(() => rolesOf(dan), soon).toEqual(['viewer'])
    await write(withMapping('owner'))
    const mistake = `HUB_CONFIG_FILE ${fileOf('here')}, line 5, column 11: groupMappings[0].role must be one of viewer, deployer, admin, not "owner".`
    await expect.poll(async () => (await list()).configFile?.mistakes, soon).toEqual([mistake])
    const roles = `/api/admin/users/${await userIdOf(admin, 'dan')}/roles`
    const grants = GrantOriginList.parse(await (await admin.get(roles)).json())
    expect(grants.configFile?.mistakes).toEqual([mistake])
    expect(await rolesOf(dan)).toEqual(['viewer'])
    expect(here.lines.join('')).toContain('the one before counts')
  })

  test('replicas with different files take nothing from each other, and the log has each change once', async () => {
    const eve = await signIn('eve', ['ml'])
    const newest = async () => (await rows())[0]!
    await expect.poll(newest, soon).toMatchObject({ after: { groupMappings: [] } })
    await write(withMapping('deployer'), ['there'])
    await expect.poll(() => rolesOf(atThere(eve)), soon).toEqual(['deployer'])
    expect(await rolesOf(eve)).toEqual([])
    const mapping = expect.objectContaining({ groupId: 'ml', groupName: 'ML Engineers' })
    await expect.poll(newest, soon).toMatchObject({
      actor: 'system',
      outcome: 'success',
      target: { file: fileOf('there') },
      before: { groupMappings: [], grants: [] },
      after: { groupMappings: [mapping], grants: [] },
    })
    await write(withMapping('deployer'), ['here'])
    await expect.poll(() => rolesOf(eve), soon).toEqual(['deployer'])
    expect(await rolesOf(atThere(eve))).toEqual(['deployer'])
    await write(base)
    await expect.poll(() => rolesOf(eve), soon).toEqual([])
    await expect.poll(() => rolesOf(atThere(eve)), soon).toEqual([])
    await expect.poll(newest, soon).toMatchObject({
      actor: 'system',
      before: { groupMappings: [mapping] },
      after: { groupMappings: [] },
    })
    const digests = (await rows()).map(({ target }) => target?.['sha256'])
    expect(digests.filter((each, index) => each === digests[index + 1])).toEqual([])
  })

  test('makes administrators by a group, who count as such', async () => {
    const fay = await signIn('fay', ['ml'])
    await write(withMapping('admin'))
    await expect.poll(() => rolesOf(fay), soon).toEqual(['admin'])
    const people = (await (await admin.get('/api/admin/users?q=fay')).json()) as {
      items: { isAdministrator: boolean }[]
    }
    expect(people.items).toMatchObject([{ isAdministrator: true }])
    // Nobody is left but whoever the group makes one.
    await write(withMapping('admin').replace('oidc:root, role: admin', 'oidc:root, role: viewer'))
    await expect.poll(() => rolesOf(admin), soon).toEqual(['viewer'])
    const root = await userIdOf(fay, 'root')
    expect((await fay.send('POST', `/api/admin/users/${root}/disable`)).status).toBe(200)
    expect((await fay.send('POST', `/api/admin/users/${root}/enable`)).status).toBe(200)
    await write(withMapping('admin'))
    admin = await signIn('root')
    await expect.poll(() => rolesOf(admin), soon).toEqual(['admin'])
  })
})
