import type { AgentCall } from '@hub/shared'
import { asc, eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#db'
import { copyDatabase } from '#db'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hashRow } from './chain.ts'
import { emitAudit, recordAudit, type AuditEntry } from './emit.ts'
import { removeOldRows } from './retention.ts'
import type { AuditRow } from './rows.ts'
import { createHeads, parseHead, readHead, signAuditLines, type SignedHead } from './signed-head.ts'
import { verifyAudit } from './verify.ts'

const secrets = ['a secret of thirty-two characters!']
const day = 86_400_000

/** Awkward on purpose: an order of keys that jsonb changes, nulls, numbers, and text that PostgreSQL refuses. */
const awkward: AuditEntry = {
  action: 'deployment.create',
  outcome: 'success',
  target: { namespace: 'ml-team', instance: 'prod-east', b: 1, aa: [null, { z: 1, y: 'ü' }] },
  after: { big: 1e21, small: 1e-7, zero: -0, float: 1.5, nul: 'a\0b', half: '\ud800', '': '' },
}

const agentCall: AgentCall = {
  door: 'mcp',
  tool: 'delete_deployment',
  clientId: null,
  apiToken: { id: 't', name: 'laptop' },
  saidName: 'helper',
  tokenId: '0123456789ab',
}

function createWriter(db: Database) {
  const lines: string[] = []
  const log = signAuditLines(
    createLogger('info', { write: (line) => void lines.push(line) }),
    secrets,
  )
  let at = Date.parse('2026-01-01T00:00:00.123Z')
  const ctx = {
    actor: { type: 'system' as const },
    requestId: 'r-1',
    ip: '10.0.0.1',
    now: () => new Date((at += 1)),
    log: log.child({ requestId: 'r-1' }),
    db,
  }
  return {
    ctx,
    write: async (count: number) => {
      for (let done = 0; done < count; done += 1) await recordAudit(ctx, awkward)
    },
    advance: (ms: number) => (at += ms),
    heads: (): SignedHead[] => lines.map((line) => readHead(line)!),
  }
}

const readAll = (db: Database): Promise<AuditRow[]> =>
  db.read.select().from(db.tables.auditLog).orderBy(asc(db.tables.auditLog.seq))
const change = (db: Database, seq: number, values: Partial<AuditRow>) =>
  db.transaction((tx) =>
    tx.queries.update(tx.tables.auditLog).set(values).where(eq(tx.tables.auditLog.seq, seq)),
  )
const remove = (db: Database, seq: number) =>
  db.transaction((tx) =>
    tx.queries.delete(tx.tables.auditLog).where(eq(tx.tables.auditLog.seq, seq)),
  )
const findingsOf = async (db: Database, heads: SignedHead[] = []) =>
  (await verifyAudit(db, { secrets, heads })).findings

describe.each(databases)('the audit chain on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let db: Database
  let writer: ReturnType<typeof createWriter>
  beforeEach(async () => {
    database = await open()
    ;({ db } = database)
    writer = createWriter(db)
  })
  afterEach(() => database.dispose())

  test('every row follows on the one before, whatever is in it, and the log signs each', async () => {
    await writer.write(3)
    const rows = await readAll(db)
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(rows.map(({ previousHash }) => previousHash)).toEqual([
      '0'.repeat(64),
      rows[0]!.hash,
      rows[1]!.hash,
    ])
    const verification = await verifyAudit(db, { secrets, heads: writer.heads() })
    expect(verification).toMatchObject({ findings: [], rows: 3, heads: 3, unchained: 0 })
    expect(verification.last).toEqual({ seq: 3, hash: rows[2]!.hash })
  })

  test('rows by agents stand in one chain with those of before there were any, and cover who it was', async () => {
    await writer.write(1)
    await recordAudit({ ...writer.ctx, via: agentCall }, awkward)
    await recordAudit({ ...writer.ctx, via: { ...agentCall, saidName: 'ü\ud800' } }, awkward)
    await writer.write(1)
    const rows = await readAll(db)
    expect(rows.map(({ via }) => via?.saidName ?? null)).toEqual([null, 'helper', 'ü\uFFFD', null])
    expect(await findingsOf(db, writer.heads())).toEqual([])
    await change(db, 2, { via: null })
    await change(db, 3, { via: { ...agentCall, tool: 'get_manifest' } })
    expect(await findingsOf(db)).toEqual([
      expect.stringMatching(/^Row 2 .* was changed/),
      expect.stringMatching(/^Row 3 .* was changed/),
    ])
  })

  test('parallel changes make one chain, with the rows of each change together or not at all', async () => {
    const works = Array.from({ length: 40 }, (_, index) =>
      db.transaction(async (tx) => {
        await emitAudit(tx, writer.ctx, awkward)
        await emitAudit(tx, { ...writer.ctx, requestId: `r-${index}` }, awkward)
        if (index % 4 === 0) throw new Error('undone')
      }),
    )
    await Promise.allSettled(works)
    const rows = await readAll(db)
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    expect(await findingsOf(db, writer.heads())).toEqual([])
  })

  test.each<[string, Partial<AuditRow>]>([
    ['actor', { actor: 'oidc:mallory' }],
    ['time', { occurredAt: new Date('2026-01-02T00:00:00.000Z') }],
    ['outcome', { outcome: 'denied' }],
    ['target', { target: { ...awkward.target, instance: 'prod-west' } }],
    ['after', { after: null }],
    ['before', { before: {} }],
    ['request id', { requestId: 'r-2' }],
    ['address', { ip: null }],
    ['cluster audit id', { clusterAuditId: 'other' }],
    ['agent that somebody is said to have done it by', { via: agentCall }],
  ])('a changed %s is found', async (_name, values) => {
    await writer.write(3)
    await change(db, 2, values)
    expect(await findingsOf(db)).toEqual([expect.stringMatching(/^Row 2 .* was changed/)])
  })

  test('a row that was changed together with its hash no longer leads to the next', async () => {
    await writer.write(3)
    const row = (await readAll(db))[1]!
    const forged = { ...row, actor: 'oidc:mallory' }
    await change(db, 2, { actor: forged.actor, hash: hashRow(forged, row.previousHash!) })
    expect(await findingsOf(db)).toEqual([expect.stringMatching(/^Row 3 .* does not follow row 2/)])
  })

  test('a removed row is named, in the middle and at the beginning', async () => {
    await writer.write(5)
    await remove(db, 3)
    expect(await findingsOf(db)).toEqual(['Row 3 is missing: removed.'])
    await remove(db, 1)
    expect(await findingsOf(db)).toEqual([
      'Row 1 is missing: no checkpoint says why.',
      'Row 3 is missing: removed.',
    ])
  })

  test('rows in another order are found', async () => {
    await writer.write(4)
    await change(db, 2, { seq: 99 })
    await change(db, 3, { seq: 2 })
    await change(db, 99, { seq: 3 })
    const findings = await findingsOf(db)
    expect(findings.some((finding) => finding.startsWith('Row 2 '))).toBe(true)
    expect(findings.some((finding) => finding.startsWith('Row 3 '))).toBe(true)
  })

  test('a cut-off end shows against the signed head, and against nothing else', async () => {
    await writer.write(4)
    const heads = writer.heads()
    await remove(db, 4)
    expect(await findingsOf(db)).toEqual([])
    expect(await findingsOf(db, heads.slice(-1))).toEqual([
      'The end is cut off: the last row is 3, and the log has row 4.',
    ])
    // The hub goes on from there, at another time.
    const later = createWriter(db)
    later.advance(day)
    await later.write(1)
    expect(await findingsOf(db, heads.slice(-1))).toEqual([
      expect.stringMatching(/^Row 4 .* is not the one that the log has/),
    ])
  })

  test('a head that another secret signed is refused; one of a rotated secret is not', async () => {
    await writer.write(2)
    const { hash } = (await readAll(db))[1]!
    const forged = createHeads(['another secret of thirty-two chars']).sign({ seq: 2, hash: hash! })
    const head = parseHead(`2:${hash}:${forged}`)!
    expect(await findingsOf(db, [head])).toEqual([
      "The head of row 2 is not signed by this hub's SESSION_SECRET.",
    ])
    const rotated = ['a newer secret, which signs from now', ...secrets]
    const { findings } = await verifyAudit(db, { secrets: rotated, heads: writer.heads() })
    expect(findings).toEqual([])
  })

  test('rows without a hash count before the first chained one alone', async () => {
    const old = (seq: number) =>
      db.transaction((tx) =>
        tx.queries.insert(tx.tables.auditLog).values({
          seq,
          occurredAt: new Date(),
          actor: 'oidc:ada',
          action: 'auth.sign-in',
          outcome: 'success',
          requestId: 'r',
        }),
      )
    await old(1)
    await old(4)
    await writer.write(2)
    expect(await verifyAudit(db, { secrets })).toMatchObject({ findings: [], unchained: 2 })
    await old(7)
    expect(await findingsOf(db)).toEqual([expect.stringMatching(/^Row 7 .* is not chained/)])
    await remove(db, 7)
    await change(db, 5, { hash: null, previousHash: null })
    expect(await findingsOf(db)).toEqual([expect.stringMatching(/^Row 6 .* does not follow row 5/)])
  })

  test('the retention removes what is older, and the chain begins at its checkpoint', async () => {
    await writer.write(5)
    writer.advance(10 * day)
    await writer.write(2)
    const retention = { ...writer.ctx, retentionSeconds: 5 * 86_400 }
    await removeOldRows(retention)
    const rows = await readAll(db)
    expect(rows.map(({ action, seq }) => [seq, action])).toEqual([
      [6, 'deployment.create'],
      [7, 'deployment.create'],
      [8, 'audit.retention'],
    ])
    expect(rows[2]).toMatchObject({ actor: 'system', target: { seq: 5 }, after: { removed: 5 } })
    await removeOldRows(retention)
    expect(await readAll(db)).toHaveLength(3)
    expect(await verifyAudit(db, { secrets, heads: writer.heads() })).toMatchObject({
      findings: [],
      heads: 3,
      checkpoint: { seq: 5 },
    })
    expect(await findingsOf(db, writer.heads().slice(0, 1))).toEqual([
      'Every head is from before row 5, up to which the retention removed rows: give a newer one.',
    ])

    await remove(db, 6)
    expect(await findingsOf(db)).toEqual(['Row 6 is missing: removed.'])
  })

  test('a check beside writers and the retention finds nothing', async () => {
    await writer.write(20)
    writer.advance(10 * day)
    const checks = async () => {
      const found: string[] = []
      for (let done = 0; done < 10; done += 1) found.push(...(await findingsOf(db)))
      return found
    }
    const [one, other] = await Promise.all([
      checks(),
      checks(),
      writer.write(20),
      removeOldRows({ ...writer.ctx, retentionSeconds: 86_400 }),
    ])
    expect([...one, ...other]).toEqual([])
    expect(await verifyAudit(db, { secrets })).toMatchObject({ findings: [], rows: 21 })
  })

  test('a checkpoint that no row vouches for hides nothing', async () => {
    await writer.write(4)
    const second = (await readAll(db))[1]!
    await db.transaction(async (tx) => {
      await tx.queries
        .insert(tx.tables.auditCheckpoints)
        .values({ seq: 2, hash: second.hash!, removedAt: new Date() })
    })
    await remove(db, 1)
    await remove(db, 2)
    expect(await findingsOf(db)).toEqual([
      'The checkpoint says that retention removed the rows up to 2, but no row does.',
    ])
  })

  test('everything being over the retention, numbers go on and the chain holds', async () => {
    await writer.write(3)
    writer.advance(10 * day)
    await removeOldRows({ ...writer.ctx, retentionSeconds: 86_400 })
    writer.advance(10 * day)
    await removeOldRows({ ...writer.ctx, retentionSeconds: 86_400 })
    await writer.write(1)
    expect((await readAll(db)).map(({ seq }) => seq)).toEqual([5, 6])
    expect(await findingsOf(db, writer.heads())).toEqual([])
  })

  test.runIf(dialect === 'sqlite')('a chain that moved to PostgreSQL goes on there', async () => {
    await writer.write(5)
    writer.advance(10 * day)
    await writer.write(1)
    await removeOldRows({ ...writer.ctx, retentionSeconds: 86_400 })
    const target = await databases[1].open()
    try {
      await copyDatabase(db, target.db)
      const there = createWriter(target.db)
      await there.write(2)
      expect(await findingsOf(target.db, [...writer.heads(), ...there.heads()])).toEqual([])
      expect((await readAll(target.db)).map(({ seq }) => seq)).toEqual([6, 7, 8, 9])
    } finally {
      await target.dispose()
    }
  })
})
