import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { createPostgresDatabase } from '../../test/postgres-database.ts'
import { containsText, openDatabase } from './index.ts'

const names = ['Özlem Şahin', 'ÉMILE', 'ΟΔΥΣΣΕΥΣ', 'Łukasz', 'Straße 100%', 'plain', 'ÏŸ']

/** As operators of PostgreSQL make one by default: it knows no capitals but A to Z. */
async function openWithoutLocale(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const { config, dispose, name, url } = await createPostgresDatabase(server)
  const admin = postgres(server, { max: 1, onnotice: () => undefined })
  await admin.unsafe(`DROP DATABASE ${name}`)
  await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`)
  await admin.end()
  const db = await openDatabase(config)
  return {
    db,
    url,
    async dispose() {
      await db.close()
      await dispose()
    },
  }
}

describe.each([
  ...databases.map(({ dialect, open }) => ({ name: dialect, open: () => open() })),
  { name: 'postgres without a locale', open: openWithoutLocale },
])('a search on $name', ({ open }) => {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await open()
    const expiresAt = new Date()
    await opened.db.transaction(({ queries, tables }) =>
      queries
        .insert(tables.consumedLogins)
        .values(names.map((idHash) => ({ idHash, expiresAt })))
        .execute(),
    )
  })
  afterAll(() => opened.dispose())

  test.each([
    ['özlem', 'Özlem Şahin'],
    ['ÖZLEM', 'Özlem Şahin'],
    ['m şA', 'Özlem Şahin'],
    ['émile', 'ÉMILE'],
    ['Émile', 'ÉMILE'],
    ['οδυσσευσ', 'ΟΔΥΣΣΕΥΣ'],
    ['ΟΔΥΣΣΕΥΣ', 'ΟΔΥΣΣΕΥΣ'],
    ['łuka', 'Łukasz'],
    ['ße 100%', 'Straße 100%'],
    ['ïÿ', 'ÏŸ'],
    ['PLAIN', 'plain'],
  ])('by %s finds %s alone', async (part, name) => {
    const { consumedLogins } = opened.db.tables
    const found = await opened.db.read
      .select({ idHash: consumedLogins.idHash })
      .from(consumedLogins)
      .where(containsText(consumedLogins.idHash, part))
    expect(found).toEqual([{ idHash: name }])
  })
})
