import { readFile } from 'node:fs/promises'
import BetterSqlite from 'better-sqlite3'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openSqlite } from './sqlite.ts'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { findRequestPage } from '../access/requests/store.ts'
import {
  findAdminGrants,
  findDueGrants,
  findGrantedNamespaces,
  findLongEndedGrants,
  findMappingPage,
} from '../access/store.ts'
import { findServicePrincipalPage } from '../access/service-principals/store.ts'
import { recordAudit } from '../audit/emit.ts'
import { findPage, findRowsAfter } from '../audit/find-rows.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { findDueIdentities, findIdentitiesNaming, findKnownGroups } from '../people/groups/store.ts'
import { findPeople } from '../people/store.ts'
import { deleteExpiredSessions } from '../sessions/store.ts'
import { deleteExpiredCodes } from '../setup/store.ts'
import { deleteExpiredLogins } from '../sign-in/store.ts'
import { deleteExpiredTokens } from '../tokens/store.ts'
import { deleteOldChanges } from './delete-overdue.ts'

const people = 3_000
const groupsOfEach = 10
const rows = 120_000

/** The same tables on both, of a size at which a scan would show. */
async function fill(dialect: string, url: string): Promise<void> {
  const isSqlite = dialect === 'sqlite'
  const json = isSqlite ? '' : '::jsonb'
  const time = isSqlite ? '1760000000000 + n' : `to_timestamp(1760000000 + n)`
  const numbers = (count: number) =>
    isSqlite
      ? `(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${count}) SELECT n FROM c)`
      : `(SELECT n FROM generate_series(1, ${count}) AS n)`
  const groups = Array.from(
    { length: groupsOfEach },
    (_, index) => `{"id":"group-' || ((n * ${groupsOfEach} + ${index}) % 300) || '","name":null}`,
  ).join(',')
  const statements = [
    `INSERT INTO users (id, display_name, created_at, last_sign_in_at) SELECT 'u' || n, 'User ' || n, ${time}, ${time} FROM ${numbers(people)} AS s`,
    `INSERT INTO identities (id, user_id, provider, issuer, subject, principal, groups, groups_state, created_at, last_sign_in_at)
     SELECT 'i' || n, 'u' || n, 'oidc', 'i', 's' || n, 'oidc:' || n, ('[${groups}]')${json}, 'fresh', ${time}, ${time} FROM ${numbers(people)} AS s`,
    `INSERT INTO grants (id, user_id, role, namespaces, source, created_at, created_by)
     SELECT 'g' || n, 'u' || n, 'viewer', ('["team-' || (n % 7) || '"]')${json}, 'manual', ${time}, 'x' FROM ${numbers(people)} AS s`,
    `INSERT INTO audit_log (seq, occurred_at, actor, action, target, outcome, request_id, hash, previous_hash)
     SELECT n, ${time}, 'oidc:' || (n % 50), 'deployment.create', ('{"instance":"c-' || (n % 9) || '","name":"model ' || n || '"}')${json}, 'success', 'r' || n, 'h', 'p' FROM ${numbers(rows)} AS s`,
    ...(await movingStatements(dialect)),
  ]
  if (isSqlite) {
    const file = new BetterSqlite(url, { timeout: 10_000 })
    file.pragma('synchronous = OFF')
    for (const statement of statements) file.exec(statement)
    file.close()
    return
  }
  const client = postgres(url, { max: 1 })
  for (const statement of statements) await client.unsafe(statement)
  await client.end()
}

/** What the migration does with the rows that are there already. */
async function movingStatements(dialect: string): Promise<string[]> {
  const file = new URL(`../../migrations/${dialect}/0007_searchable-tables.sql`, import.meta.url)
  const statements = (await readFile(file, 'utf8')).split('--> statement-breakpoint')
  return statements.filter((statement) => statement.includes('INSERT'))
}

describe.each(databases)('tables of many rows on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await open()
    await fill(dialect, database.url)
  }, 120_000)
  afterAll(() => database.dispose())

  /** How often everything else had its turn meanwhile. */
  const countTurns = async (work: () => Promise<unknown>) => {
    let turns = 0
    let isOver = false
    const turn = () => {
      turns += 1
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    await work()
    isOver = true
    return turns
  }

  test.each<[string, () => Promise<unknown>]>([
    [
      'the audit log for what is not in it',
      () => findPage(database.db, { q: 'no such thing' }, { before: null, limit: 50 }),
    ],
    [
      'all of the audit log for an export',
      () => findRowsAfter(database.db, { q: 'no such thing' }, { after: 0, limit: 50 }),
    ],
    [
      'people for what nobody is called',
      () => findPeople(database.db, { q: 'nobody', status: undefined, limit: 50, after: null }),
    ],
  ])('H4: a search lets others have their turn: %s', async (_, work) => {
    await work()
    const startedAt = performance.now()
    const turns = await countTurns(work)
    // Longer than that is no one statement's.
    const expected = Math.floor((performance.now() - startedAt) / 100)
    expect(turns).toBeGreaterThan(expected)
  })

  test('H4: a search of the audit log says how far it got, and the next page goes on from there', async () => {
    const filter = { q: 'model 7"' }
    const first = await findPage(database.db, filter, { before: null, limit: 50 })
    expect(first.rows).toEqual([])
    expect(first.reached!.seq).toBeGreaterThan(7)
    expect(first.reached!.seq).toBeLessThan(rows - 90_000)
    expect(first.reached!.occurredAt).toBeInstanceOf(Date)
    const second = await findPage(database.db, filter, { before: first.reached!.seq, limit: 50 })
    expect(second.rows.map(({ seq }) => seq)).toEqual([7])
    expect(second.reached).toBeNull()
  })

  test('H4: steps leave out nothing and repeat nothing, in either direction', async () => {
    const ends = {
      from: new Date(1_760_000_000_000).toISOString(),
      actor: 'oidc:3',
      instance: 'c-3',
    }
    const expected = Array.from({ length: rows }, (_, index) => index + 1).filter(
      (seq) => seq % 50 === 3 && seq % 9 === 3,
    )
    const up: number[] = []
    for (let after = 0; ;) {
      const page = await findRowsAfter(database.db, ends, { after, limit: 100, upTo: rows })
      up.push(...page.map(({ seq }) => seq))
      if (page.length < 100) break
      after = page.at(-1)!.seq
    }
    expect(up).toEqual(expected)
    const down: number[] = []
    for (let before: number | null = null; ;) {
      const { reached, rows: page } = await findPage(database.db, ends, { before, limit: 100 })
      down.push(...page.map(({ seq }) => seq))
      if (reached) before = reached.seq
      else if (page.length === 100) before = page.at(-1)!.seq
      else break
    }
    expect(down).toEqual(expected.toReversed())
  })

  test('H4: long names of actors are cut before an index refuses them', async () => {
    const ctx = contextOf([grant('viewer')], { db: database.db, requestId: 'long' })
    const noise = Array.from({ length: 9_000 }, (_, index) => ((index * 7_919) % 36).toString(36))
    const principal = `oidc:${noise.join('')}`
    await recordAudit(ctx, {
      action: 'access.denied',
      outcome: 'denied',
      actor: { principal, userId: null },
    })
    const { rows: found } = await findPage(
      database.db,
      { requestId: 'long' },
      { before: null, limit: 5 },
    )
    expect(found.map(({ actor }) => actor)).toEqual([principal.slice(0, 1_000)])
  })

  test('H4: groups that were known before are found, and counted, after the update', async () => {
    const [first] = await findKnownGroups(database.db, { q: 'GROUP-17', limit: 1 })
    expect(first).toEqual({ provider: 'oidc', id: 'group-17', name: null, people: 100 })
    const found = await database.db.transaction(async (tx) => {
      const ids: string[] = []
      for await (const some of findIdentitiesNaming(tx, {
        provider: 'oidc',
        groupId: 'group-17',
      })) {
        ids.push(...some.map(({ id }) => id))
      }
      return ids
    })
    expect(found).toHaveLength(100)
  })
})

describe('statements on sqlite', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await databases[0].open()
  })
  afterAll(() => database.dispose())

  /** Tables that grow with people and time. */
  const long =
    'audit_log|users|identities|identity_groups|grants|access_requests|sessions|api_tokens|changes'
  const page = { before: null, limit: 50 }
  const list = { after: null, limit: 50 }

  test.each<[string, () => Promise<unknown>]>([
    ['the audit log', () => findPage(database.db, {}, page)],
    ['its rows of an actor', () => findPage(database.db, { actor: 'a' }, page)],
    ['of an action', () => findPage(database.db, { action: 'a' }, page)],
    ['of an outcome', () => findPage(database.db, { outcome: 'denied' }, page)],
    ['of an instance', () => findPage(database.db, { instance: 'a' }, page)],
    ['of a request', () => findPage(database.db, { requestId: 'a' }, page)],
    ['of a text', () => findPage(database.db, { q: 'a' }, page)],
    ['of a time', () => findPage(database.db, { from: '2026-01-01', to: '2026-02-01' }, page)],
    [
      'for an export',
      () => findRowsAfter(database.db, { q: 'a' }, { after: 0, limit: 5, upTo: 9 }),
    ],
    ['people', () => findPeople(database.db, { ...list, q: undefined, status: undefined })],
    [
      'a later page of people',
      () =>
        findPeople(database.db, {
          q: undefined,
          status: undefined,
          limit: 5,
          after: { name: 'a', id: 'b' },
        }),
    ],
    [
      'people by a part of their name',
      () => findPeople(database.db, { ...list, q: 'a', status: undefined }),
    ],
    ['people to ask groups of', () => findDueIdentities(database.db, new Date(), 100)],
    ['who administers', () => findAdminGrants(database.db)],
    ['grants that end', () => findDueGrants(database.db, new Date(), 200)],
    ['grants that ended long ago', () => findLongEndedGrants(database.db, new Date(), 200)],
    ['namespaces that are granted', () => findGrantedNamespaces(database.db, 100)],
    ['groups', () => findKnownGroups(database.db, { limit: 20 })],
    ['groups by a part of their name', () => findKnownGroups(database.db, { q: 'a', limit: 20 })],
    ['requests that wait', () => findRequestPage(database.db, { ...list, status: 'waiting' })],
    [
      'requests that were decided',
      () => findRequestPage(database.db, { ...list, status: 'decided' }),
    ],
    ['mappings', () => findMappingPage(database.db, list)],
    ['programs', () => findServicePrincipalPage(database.db, list)],
    [
      'what has expired',
      () =>
        database.db.transaction(async (tx) => {
          await deleteExpiredLogins(tx, new Date())
          await deleteExpiredSessions(tx, new Date())
          await deleteExpiredTokens(tx, new Date())
          await deleteExpiredCodes(tx, new Date())
          await deleteOldChanges(tx, new Date())
        }),
    ],
  ])('H4: no statement reads or sorts all of a long table: %s', async (_, work) => {
    await database.db.transaction(async (tx) => {
      const at = new Date()
      await tx.queries.insert(tx.tables.auditLog).values({
        seq: Math.floor(performance.now() * 1000),
        occurredAt: at,
        actor: 'a',
        action: 'a',
        outcome: 'denied',
        requestId: 'a',
      })
    })
    // A connection of its own has prepared nothing yet.
    const whole = database
    const own = openSqlite(whole.url)
    database = { ...whole, db: own }
    const prepare = vi.spyOn(BetterSqlite.prototype, 'prepare')
    await work()
    database = whole
    await own.close()
    const statements = prepare.mock.calls
      .map(([sql]) => sql)
      .filter((sql) => /^(select|delete)/i.test(sql))
    prepare.mockRestore()
    expect(statements.length).toBeGreaterThan(0)
    const file = new BetterSqlite(database.url, { readonly: true })
    const plans = statements.map((sql) =>
      file
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from(sql.matchAll(/\?/g), () => 1))
        .map(({ detail }) => detail),
    )
    file.close()
    const scans = plans.map((details, index) => {
      const isCount = statements[index]!.startsWith('select count(*)')
      const isBounded = / limit \?/.test(statements[index]!)
      return details.filter(
        (detail) =>
          new RegExp(`^SCAN (${long})$`).test(detail) ||
          (new RegExp(`^SCAN (${long}) `).test(detail) && !isBounded && !isCount) ||
          (detail.startsWith('USE TEMP B-TREE FOR ORDER BY') &&
            details.some((other) => new RegExp(`^(SCAN|SEARCH) (${long})`).test(other)) &&
            !details.some((other) =>
              /^(CO-ROUTINE|MATERIALIZE|SCAN|SCAN \(subquery).*some/.test(other),
            )),
      )
    })
    expect(
      scans.flatMap((found, index) => (found.length > 0 ? [[statements[index], found]] : [])),
    ).toEqual([])
  })
})
