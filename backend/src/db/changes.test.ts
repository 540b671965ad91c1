import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { createChangeFeed, type Change, type NumberedChange } from './change-feed.ts'
import { openDatabase, type Database } from './index.ts'

const beginning = 'the beginning'

describe.each(databases)('changes on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let other: Database
  beforeAll(async () => {
    database = await open()
    const { url } = database
    other = await openDatabase(
      dialect === 'sqlite' ? { driver: 'sqlite', path: url } : { driver: 'postgres', url },
    )
    // Single changes are told from a feed's beginning on.
    let hasBegun = false
    other.onChange(({ subject }) => void (hasBegun ||= subject === beginning))
    await vi.waitFor(
      async () => {
        await database.db.transaction((tx) => tx.announce({ topic: 'user', subject: beginning }))
        expect(hasBegun).toBe(true)
      },
      { timeout: 20_000 },
    )
  })
  afterAll(async () => {
    await other.close()
    await database.dispose()
  })

  const listen = (db: Database) => {
    const heard: Change[] = []
    db.onChange((change) => {
      if (change.topic !== 'all' && change.subject !== beginning) heard.push(change)
    })
    return heard
  }

  test('reach every process within two seconds, once', async () => {
    const [here, there] = [listen(database.db), listen(other)]
    await database.db.transaction(async (tx) => {
      await tx.announce({ topic: 'user', subject: 'ada' })
      await tx.announce({ topic: 'session', subject: 's-1' })
    })
    const expected = [
      { topic: 'user', subject: 'ada' },
      { topic: 'session', subject: 's-1' },
    ]
    await expect.poll(() => here, { timeout: 20_000 }).toEqual(expected)
    await expect.poll(() => there, { timeout: 20_000 }).toEqual(expected)
    await other.transaction((tx) => tx.announce({ topic: 'user', subject: 'eve' }))
    await expect
      .poll(() => here.at(-1), { timeout: 20_000 })
      .toEqual({ topic: 'user', subject: 'eve' })
    expect(here).toHaveLength(3)
  })

  test('are told here before the transaction that made them returns', async () => {
    const heard = listen(database.db)
    await database.db.transaction((tx) => tx.announce({ topic: 'session', subject: 's-2' }))
    expect(heard).toEqual([{ topic: 'session', subject: 's-2' }])
    await database.db.transaction((tx) => tx.announce({ topic: 'session', subject: 's-3' }))
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(heard).toHaveLength(2)
  })

  test('that need the same lock take turns', async () => {
    const order: string[] = []
    const work = (db: Database, name: string) =>
      db.transaction(async (tx) => {
        await tx.lock('administrators')
        order.push(name)
        await new Promise((resolve) => setTimeout(resolve, dialect === 'postgres' ? 50 : 0))
        order.push(name)
      })
    await Promise.all([work(database.db, 'a'), work(database.db, 'b')])
    if (dialect === 'postgres') await Promise.all([work(database.db, 'c'), work(other, 'd')])
    const pairs = order.filter((_name, index) => index % 2 === 0)
    expect(order).toEqual(pairs.flatMap((name) => [name, name]))
  })

  test('are numbered in the order of the commits, however long a transaction took', async () => {
    const heard = listen(other)
    let goOn: () => void = () => undefined
    const held = new Promise<void>((resolve) => (goOn = resolve))
    const announce = (subject: string, wait?: Promise<void>) =>
      database.db.transaction(async (tx) => {
        await tx.announce({ topic: 'user', subject })
        await wait
      })
    const slow = announce('slow', dialect === 'postgres' ? held : undefined)
    // More of them than any window of late rows would have held.
    const many = Array.from({ length: 300 }, (_, index) => `quick-${index}`)
    for (let from = 0; from < many.length; from += 25) {
      await Promise.all(many.slice(from, from + 25).map((subject) => announce(subject)))
    }
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(many.length)
    goOn()
    await slow
    await expect.poll(() => heard.map(({ subject }) => subject)).toContain('slow')
    expect(heard).toHaveLength(many.length + 1)
  })

  test('are not told when they are rolled back', async () => {
    const heard = listen(other)
    await expect(
      database.db.transaction(async (tx) => {
        await tx.announce({ topic: 'user', subject: 'nobody' })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await database.db.transaction((tx) => tx.announce({ topic: 'user', subject: 'somebody' }))
    await expect
      .poll(() => heard, { timeout: 20_000 })
      .toEqual([{ topic: 'user', subject: 'somebody' }])
  })
})

describe('createChangeFeed', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  const start = (
    rows: NumberedChange[],
    options: { fails?: () => boolean; last?: () => Promise<number> } = {},
  ) => {
    const heard: string[] = []
    const feed = createChangeFeed({
      read: async (seq) => {
        if (options.fails?.()) throw new Error('the database is away')
        return rows.filter((row) => row.seq > seq)
      },
      last: options.last ?? (async () => rows.at(-1)?.seq ?? 0),
      first: async () => rows[0]?.seq ?? null,
      pollMs: 5,
    })
    closing.push(feed.close)
    feed.subscribe(({ subject, topic }) => heard.push(topic === 'all' ? 'all' : subject))
    return { heard, feed }
  }
  const row = (seq: number): NumberedChange => ({ seq, topic: 'user', subject: `u${seq}` })

  test('says up to when it has heard, and only what it has told', async () => {
    const rows = [row(1)]
    let away = true
    const { feed, heard } = start(rows, { fails: () => away, last: async () => 1 })
    expect(feed.heardAt()).toBe(Number.NEGATIVE_INFINITY)
    await expect.poll(() => heard).toEqual(['all'])
    rows.push(row(2))
    const wroteAt = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(feed.heardAt()).toBeLessThan(wroteAt)
    away = false
    await expect.poll(() => feed.heardAt()).toBeGreaterThan(wroteAt)
    expect(heard).toEqual(['all', 'u2'])
  })

  test('says that everything may be another where rows went away unread', async () => {
    const rows = [row(1)]
    const { heard } = start(rows)
    await expect.poll(() => heard).toEqual(['all'])
    rows.splice(0, 1, row(900))
    await expect.poll(() => heard).toEqual(['all', 'all', 'u900'])
  })

  test('goes on from where it was when the database comes back', async () => {
    let away = false
    const rows = [row(1)]
    const { heard } = start(rows, { fails: () => away })
    await expect.poll(() => heard).toEqual(['all'])
    away = true
    rows.push(row(2))
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(heard).toEqual(['all'])
    away = false
    await expect.poll(() => heard).toEqual(['all', 'u2'])
  })
})
