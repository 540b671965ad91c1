import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import type { Transaction } from './database.ts'

describe.each(databases)('transaction on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.dispose())

  const insert = (tx: Transaction, idHash: string) =>
    tx.queries.insert(tx.tables.consumedLogins).values({ idHash, expiresAt: new Date(86_400_000) })
  const read = async () => {
    const { db } = database
    const rows = await db.read.select().from(db.tables.consumedLogins)
    return rows.map(({ idHash }) => idHash)
  }

  test('rolls back every write when its work throws after an await, and runs no effect', async () => {
    const effects: string[] = []
    const work = database.db.transaction(async (tx) => {
      tx.afterCommit(() => effects.push('ran'))
      await insert(tx, 'half-done')
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await read()).not.toContain('half-done')
    expect(effects).toEqual([])
  })

  test('runs effects after the change is visible to readers', async () => {
    let seen: Promise<string[]> | undefined
    await database.db.transaction(async (tx) => {
      await insert(tx, 'visible')
      tx.afterCommit(() => (seen = read()))
    })
    expect(await seen).toContain('visible')
  })

  test('runs what comes last within the transaction: with its writes, and undone with them', async () => {
    await database.db.transaction(async (tx) => {
      tx.beforeCommit(() => insert(tx, 'last').then(() => undefined))
      await insert(tx, 'before the last')
    })
    expect(await read()).toEqual(expect.arrayContaining(['before the last', 'last']))
    const failing = database.db.transaction(async (tx) => {
      tx.beforeCommit(() => Promise.reject(new Error('not at the end')))
      await insert(tx, 'undone')
    })
    await expect(failing).rejects.toThrow('not at the end')
    expect(await read()).not.toContain('undone')
  })

  test('keeps a hundred concurrent transactions apart', async () => {
    const works = Array.from({ length: 100 }, (_, index) =>
      database.db.transaction(async (tx) => {
        await insert(tx, `concurrent-${index}`)
        await new Promise((resolve) => setImmediate(resolve))
        if (index % 2 === 1) throw new Error('odd ones roll back')
      }),
    )
    const results = await Promise.allSettled(works)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
    const kept = (await read()).filter((id) => id.startsWith('concurrent-'))
    expect(kept).toHaveLength(50)
    expect(kept.every((id) => Number(id.slice('concurrent-'.length)) % 2 === 0)).toBe(true)
  })

  test.runIf(dialect === 'sqlite')('a write outside a transaction fails', async () => {
    const { db } = database
    const stray = db.read as unknown as Transaction['queries']
    await expect(
      (async () => {
        await insert(
          {
            dialect: db.dialect,
            queries: stray,
            read: db.read,
            tables: db.tables,
            beforeCommit: () => undefined,
            afterCommit: () => undefined,
            announce: async () => undefined,
            lock: async () => undefined,
          },
          'stray',
        )
      })(),
    ).rejects.toMatchObject({ cause: { code: 'SQLITE_READONLY' } })
  })

  test('gives dates, JSON and nulls back as they were', async () => {
    const { db } = database
    const occurredAt = new Date('2026-11-22T10:11:12.345Z')
    const target = { instance: 'prod-east', nested: { list: [1, 'two', null] } }
    await db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.auditLog).values({
        occurredAt,
        actor: 'oidc:ada',
        action: 'deployment.create',
        target,
        outcome: 'success',
        requestId: 'r-1',
      })
    })
    const rows = await db.read.select().from(db.tables.auditLog)
    expect(rows).toMatchObject([{ seq: 1, occurredAt, target, before: null, ip: null }])
  })
})
