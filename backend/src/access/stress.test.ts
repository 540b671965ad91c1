import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { usualPatience, type Patience } from '#db'
import { findInconsistencies } from '../../test/access-consistency.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startEntra, type Entra, type EntraPerson } from '../../test/entra.ts'
import type { Browser } from '../../test/hub.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'

const peopleCount = 30
const groupIds = Array.from({ length: 8 }, (_, index) => `group-${index}`)
const scopes = [
  { role: 'viewer' },
  { role: 'viewer', instanceId: 'prod-east' },
  { role: 'deployer', instanceId: 'prod-east', namespaces: ['ml-team'] },
  { role: 'deployer', instanceId: 'prod-west', namespaces: ['ml-team', 'data'] },
]
const limitMs = 120_000
/** More than three hundred at once wait for one another: on a busy machine for longer than people would. */
const patience: Patience = {
  ...usualPatience,
  queueMs: 60_000,
  lockMs: 60_000,
  statementMs: 65_000,
  silenceMs: 70_000,
}

/** The same numbers in every run: xorshift32 (Marsaglia, 2003). */
function createDice(seed: number) {
  let state = seed
  const roll = (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  return { roll, pick: <T>(list: readonly T[]) => list[roll(list.length)]! }
}

describe.each(databases)('access under stress on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let entra: Entra
  let replicas: Replicas
  let admins: Browser[]
  let people: EntraPerson[]
  let roots: EntraPerson[]

  beforeAll(async () => {
    ;[database, entra] = await Promise.all([open(patience), startEntra()])
    people = Array.from({ length: peopleCount }, (_, index) =>
      entra.addPerson({ name: `Person ${index}` }),
    )
    roots = Array.from({ length: 4 }, (_, index) => entra.addPerson({ name: `Root ${index}` }))
    replicas = await startReplicas({
      dialect,
      database,
      patience,
      env: {
        ENABLED_AUTH_PROVIDERS: 'entra',
        ...entra.environment(),
        HUB_ADMINS: roots.map(({ objectId, tenant }) => `entra:${tenant}:${objectId}`).join(),
        HUB_ALLOW_INSECURE_TLS: 'true',
      },
      credentials: { 'prod-east': deadKubeconfig, 'prod-west': deadKubeconfig },
    })
    admins = []
    for (const [index, root] of roots.entries()) {
      const { browser, status } = await signIn(root, [], index)
      expect(status).toBe(303)
      admins.push(browser)
    }
  })
  afterAll(async () => {
    await replicas.stop()
    await Promise.all([database.dispose(), entra.stop()])
  })

  const hubOf = (index: number) => (index % 2 === 0 ? replicas.here : replicas.there)
  const signIn = async (person: EntraPerson, groups: readonly string[], at: number) => {
    const browser = hubOf(at).browser()
    const url = await browser.startLogin('', 'entra')
    const known = { ...person, groups: groups.map((id) => ({ id, displayName: id })) }
    const response = await browser.finishLogin(entra.authorize(url, known), 'entra')
    return { browser, status: response.status }
  }
  const idOf = async ({ objectId }: EntraPerson) => {
    const { identities } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(identities)
      .where(eq(identities.subject, objectId))
    return rows[0]!.userId
  }
  const inconsistencies = () =>
    findInconsistencies(database.db, {
      secrets: replicas.here.config.session.secrets,
      now: new Date(),
    })

  test(
    '100 role edits, 100 sign-ins, 60 changes of mappings and 20 people kept out and let in, all at once on two replicas, leave a consistent hub',
    async ({ annotate }) => {
      const dice = createDice(20_261_122)
      const someGroups = () => groupIds.filter(() => dice.roll(3) === 0)
      const browsers: Browser[] = []
      for (const [index, person] of people.entries()) {
        browsers.push((await signIn(person, someGroups(), index)).browser)
      }
      const ids = await Promise.all(people.map(idOf))
      const mappingIds: string[] = []
      for (let index = 0; index < 30; index += 1) {
        const input = { groupId: dice.pick(groupIds), ...dice.pick(scopes) }
        const response = await admins[0]!.send('POST', '/api/admin/group-mappings', input)
        if (response.status === 201) mappingIds.push(((await response.json()) as { id: string }).id)
      }
      expect(mappingIds.length).toBeGreaterThan(10)
      expect(await inconsistencies()).toEqual([])

      const statuses = new Map<string, number>()
      const count = (what: string, status: number) =>
        statuses.set(`${what} ${status}`, (statuses.get(`${what} ${status}`) ?? 0) + 1)
      const edits = Array.from({ length: 100 }, (_, index) => async () => {
        const [admin, path] = [dice.pick(admins), `/api/admin/users/${dice.pick(ids)}/roles`]
        const made = await admin.send('POST', path, dice.pick(scopes))
        count('grant', made.status)
        if (made.status !== 201 || index % 2 === 0) return
        const { id } = (await made.json()) as { id: string }
        count('take back', (await dice.pick(admins).send('DELETE', `${path}/${id}`)).status)
      })
      const signIns = Array.from({ length: 100 }, (_, index) => async () => {
        count('sign-in', (await signIn(dice.pick(people), someGroups(), index)).status)
      })
      const mappingEdits = Array.from({ length: 60 }, (_, index) => async () => {
        const admin = dice.pick(admins)
        const input = { groupId: dice.pick(groupIds), ...dice.pick(scopes) }
        const path = `/api/admin/group-mappings/${dice.pick(mappingIds)}`
        if (index % 3 === 0) count('unmap', (await admin.send('DELETE', path)).status)
        else if (index % 3 === 1) count('remap', (await admin.send('PUT', path, input)).status)
        else {
          const made = await admin.send('POST', '/api/admin/group-mappings', input)
          count('map', made.status)
        }
      })
      const doors = Array.from({ length: 20 }, (_, index) => async () => {
        const verb = index % 2 === 0 ? 'disable' : 'enable'
        const path = `/api/admin/users/${dice.pick(ids)}/${verb}`
        count(verb, (await dice.pick(admins).send('POST', path)).status)
      })
      const startedAt = performance.now()
      await Promise.all([...edits, ...signIns, ...mappingEdits, ...doors].map((act) => act()))
      const tookMs = Math.round(performance.now() - startedAt)
      const said = [...statuses].map(([what, times]) => `${what}: ${times}`).toSorted()
      await annotate(`${said.join(', ')}; ${tookMs} ms`)

      // Two may want the same, or somebody be kept out: that is an answer. That the hub could not is none.
      const unexpected = [...statuses.keys()].filter(
        (key) => !/ (20[014]|303|403|404|409)$/.test(key),
      )
      expect(unexpected).toEqual([])
      for (const what of ['grant 201', 'take back 204', 'sign-in 303', 'unmap 204', 'remap 200']) {
        expect([what, (statuses.get(what) ?? 0) > 0]).toEqual([what, true])
      }
      expect(await inconsistencies()).toEqual([])

      // What both say to a person is what the database holds.
      for (const person of people) {
        const { browser, status } = await signIn(person, someGroups(), 0)
        if (status !== 303) continue
        const userId = await idOf(person)
        const { grants } = database.db.tables
        const rows = await database.db.read.select().from(grants).where(eq(grants.userId, userId))
        const expected = rows.map(({ id }) => id).toSorted()
        for (const at of [browser, replicas.atOther(browser)]) {
          await expect.poll(async () => grantIds(at), { timeout: 20_000 }).toEqual(expected)
        }
      }
      expect(await inconsistencies()).toEqual([])
    },
    limitMs,
  )

  test('the very same grant, asked for twenty times at once, is made once', async () => {
    const person = entra.addPerson({ name: 'Wanted' })
    await signIn(person, [], 0)
    const path = `/api/admin/users/${await idOf(person)}/roles`
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        admins[index % admins.length]!.send('POST', path, scopes[2]),
      ),
    )
    const statuses = answers.map(({ status }) => status).toSorted((left, right) => left - right)
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
    expect(await inconsistencies()).toEqual([])
  })

  test('the checker of all this finds what is wrong', async () => {
    const { grants, groupMappings, users } = database.db.tables
    const group = (await database.db.read.select().from(grants)).filter(
      ({ source }) => source === 'group',
    )
    expect(group.length).toBeGreaterThan(2)
    const [first, second, third] = group as [
      (typeof group)[number],
      (typeof group)[number],
      (typeof group)[number],
    ]
    await database.db.transaction(async ({ queries }) => {
      await queries.delete(grants).where(eq(grants.id, first.id))
      await queries.update(grants).set({ role: 'admin' }).where(eq(grants.id, second.id))
      await queries.insert(grants).values({ ...third, id: 'once-more' })
      await queries
        .insert(grants)
        .values({ ...third, id: 'by-nobody', source: 'manual', mappingId: null })
      await queries.update(users).set({ disabledAt: new Date() })
      await queries
        .update(groupMappings)
        .set({ namespaces: ['elsewhere'] })
        .where(eq(groupMappings.id, third.mappingId!))
    })
    const found = (await inconsistencies()).join('\n')
    for (const sentence of [
      `no grant of a mapping: ${first.userId} ${first.mappingId}`,
      `grant ${second.id} is admin`,
      `2 grants of one mapping: ${third.userId} ${third.mappingId}`,
      'grants by hand: the audit log knows nothing of by-nobody',
      'disabled people: the audit log knows nothing of',
      'of a disabled person still counts',
      `mapping ${third.mappingId}: the audit log last says`,
    ]) {
      expect(found).toContain(sentence)
    }
  })

  const grantIds = async (browser: Browser) => {
    const me = (await (await browser.get('/api/auth/me')).json()) as { grants: { id: string }[] }
    return me.grants.map(({ id }) => id).toSorted()
  }
})
