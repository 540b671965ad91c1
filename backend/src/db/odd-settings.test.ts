import { eq, sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, type EmptyDatabase } from '../../test/databases.ts'
import { containsText, openDatabase, type Database } from './index.ts'

/** As an administrator of databases may have set them for all programs alike. */
const settings = [
  "datestyle TO 'German'",
  "timezone TO 'America/St_Johns'",
  "default_transaction_isolation TO 'serializable'",
  'standard_conforming_strings TO off',
]

describe('a PostgreSQL whose settings are others,', () => {
  let empty: EmptyDatabase
  let db: Database

  beforeEach(async () => {
    empty = await databases[1].create()
    const admin = postgres(empty.url, { max: 1, onnotice: () => undefined })
    const [{ name } = {}] = await admin`SELECT current_database() AS name`
    for (const each of settings) await admin.unsafe(`ALTER DATABASE ${name} SET ${each}`)
    await admin.end()
    db = await openDatabase({ driver: 'postgres', url: empty.url })
  })
  afterEach(async () => {
    await db.close()
    await empty.dispose()
  })

  test('gives times back as they were', async () => {
    const { consumedLogins } = db.tables
    const expiresAt = new Date('2026-02-03T04:05:06.789Z')
    await db.transaction(({ queries }) =>
      queries.insert(consumedLogins).values({ idHash: 'a', expiresAt }).execute(),
    )
    expect(await db.read.select().from(consumedLogins)).toMatchObject([{ expiresAt }])
  })

  test('lets what changes the same at once go on one after the other', async () => {
    const { consumedLogins } = db.tables
    const expiresAt = new Date('2026-02-03T00:00:00Z')
    await db.transaction(({ queries }) =>
      queries.insert(consumedLogins).values({ idHash: 'a', expiresAt }).execute(),
    )
    const addSecond = () =>
      db.transaction(async ({ queries }) => {
        await queries.select().from(consumedLogins)
        await queries
          .update(consumedLogins)
          .set({ expiresAt: sql`${consumedLogins.expiresAt} + interval '1 second'` })
          .where(eq(consumedLogins.idHash, 'a'))
      })
    await Promise.all(Array.from({ length: 8 }, addSecond))
    expect(await db.read.select().from(consumedLogins)).toMatchObject([
      { expiresAt: new Date('2026-02-03T00:00:08Z') },
    ])
  })

  test.each(['%', '_', '!', '\\', "'", 'B\\', 'ẞ'])('finds %s as it is written', async (part) => {
    const { consumedLogins } = db.tables
    const expiresAt = new Date()
    await db.transaction(({ queries }) =>
      queries
        .insert(consumedLogins)
        .values(['plain', `a${part}c`].map((idHash) => ({ idHash, expiresAt })))
        .execute(),
    )
    const found = await db.read
      .select({ idHash: consumedLogins.idHash })
      .from(consumedLogins)
      .where(containsText(consumedLogins.idHash, part))
    expect(found).toEqual([{ idHash: `a${part}c` }])
  })
})
