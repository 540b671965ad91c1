import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, type EmptyDatabase } from '../../test/databases.ts'
import { openDatabase, openToRead, SchemaMismatch } from './index.ts'

const later = Date.parse('2099-01-01T00:00:00.000Z')

describe.each(databases)('a schema on $dialect', ({ create, dialect }) => {
  let empty: EmptyDatabase

  beforeEach(async () => {
    empty = await create()
    await (await openDatabase(empty.config)).close()
  })
  afterEach(() => empty.dispose())

  const change = async (sql: string) => {
    if (dialect === 'sqlite') {
      const file = new BetterSqlite(empty.url)
      file.exec(sql.replaceAll('drizzle.', ''))
      return void file.close()
    }
    const client = postgres(empty.url, { max: 1, onnotice: () => undefined })
    await client.unsafe(sql)
    await client.end()
  }
  const addMigration = (columns: string, values: string) =>
    change(
      `INSERT INTO drizzle.__drizzle_migrations (hash, created_at${columns}) VALUES ('x', ${later}${values})`,
    )

  test('of a newer version is not opened, by anybody, and says which one made it', async () => {
    await addMigration(', version', ", '9.8.7'")
    const sentence =
      /^The database was brought up to date by a newer version of the hub \(9\.8\.7, schema of 2099-01-01T00:00:00\.000Z\) than this one \(0\.\d+\.\d+, schema of 20/
    await expect(openDatabase(empty.config)).rejects.toThrow(SchemaMismatch)
    await expect(openDatabase(empty.config)).rejects.toThrow(sentence)
    await expect(openToRead(empty.config)).rejects.toThrow(sentence)
  })

  test('that noted no version is opened, and told apart by its time alone', async () => {
    await change('ALTER TABLE drizzle.__drizzle_migrations DROP COLUMN version')
    await (await openDatabase(empty.config)).close()
    await addMigration('', '')
    await expect(openDatabase(empty.config)).rejects.toThrow(
      'a newer version of the hub (schema of 2099-01-01T00:00:00.000Z) than',
    )
  })

  test('of an older version is not read, and not brought up to date for that', async () => {
    await change(
      'DELETE FROM drizzle.__drizzle_migrations WHERE created_at = (SELECT max(created_at) FROM drizzle.__drizzle_migrations)',
    )
    for (let times = 0; times < 2; times += 1) {
      await expect(openToRead(empty.config)).rejects.toThrow(
        /^The database is of an older version of the hub \(0\./,
      )
    }
  })

  test('is brought up to date where an earlier version noted no versions', async () => {
    await change(`DROP TABLE gpu_claims;
      DELETE FROM drizzle.__drizzle_migrations WHERE created_at = (SELECT max(created_at) FROM drizzle.__drizzle_migrations);
      ALTER TABLE drizzle.__drizzle_migrations DROP COLUMN version`)
    const db = await openDatabase(empty.config)
    expect(await db.read.$count(db.tables.gpuClaims)).toBe(0)
    await db.close()
    await (await openToRead(empty.config)).close()
  })
})

test('a PostgreSQL that takes no writes, as a standby does, is read', async () => {
  const { config, dispose, url } = await databases[1].create()
  await (await openDatabase(config)).close()
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  const [{ name } = {}] = await client`SELECT current_database() AS name`
  await client.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  await client.end()
  const db = await openToRead(config)
  expect(await db.read.$count(db.tables.users)).toBe(0)
  await db.close()
  await dispose()
})

describe('an SQLite file', () => {
  let empty: EmptyDatabase

  beforeEach(async () => {
    empty = await databases[0].create()
    const db = await openDatabase(empty.config)
    await db.transaction((tx) => tx.announce({ topic: 'user', subject: 'ada' }))
    await db.close()
  })
  afterEach(() => empty.dispose())

  test('of a newer version stays as it is, byte by byte', async () => {
    const file = new BetterSqlite(empty.url)
    file.pragma('journal_mode = DELETE')
    file.exec(`INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', ${later})`)
    file.close()
    const before = readFileSync(empty.url)
    await expect(openDatabase(empty.config)).rejects.toThrow(SchemaMismatch)
    expect(readFileSync(empty.url).equals(before)).toBe(true)
    expect(readdirSync(dirname(empty.url))).toEqual(['hub.db'])
  })

  test('is read where nothing can be made beside it, with what is in its write-ahead log alone', async () => {
    const db = await openDatabase(empty.config)
    await db.transaction((tx) => tx.announce({ topic: 'user', subject: 'grace' }))
    const path = join(dirname(empty.url), 'copy.db')
    for (const end of ['', '-wal']) copyFileSync(`${empty.url}${end}`, `${path}${end}`)
    await db.close()
    // As in a folder that is read-only; those do not keep root out.
    mkdirSync(`${path}-shm`)
    const before = readFileSync(path)
    const copy = await openToRead({ driver: 'sqlite', path })
    expect(await copy.read.$count(copy.tables.changes)).toBe(2)
    await copy.close()
    expect(readFileSync(path).equals(before)).toBe(true)
  })
})
