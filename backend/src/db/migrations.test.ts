import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import BetterSqlite from 'better-sqlite3'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { databases } from '../../test/databases.ts'
import { openDatabase } from './index.ts'

const folder = fileURLToPath(new URL('../..', import.meta.url))
const processes = 5

/** Opens the database at a moment that all of them wait for. */
const script = `
  import { openDatabase } from './src/db/index.ts'
  const [config, at] = process.argv.slice(1)
  while (Date.now() < Number(at)) {}
  const db = await openDatabase(JSON.parse(config))
  await db.ping()
  await db.close()
`

describe.each(databases)(
  'processes that start at once on an empty $dialect',
  ({ create, dialect }) => {
    test('migrate it once, and all of them start', async () => {
      const { config, dispose, url } = await create()
      try {
        const at = Date.now() + 2_500
        const outcomes = await Promise.all(
          Array.from({ length: processes }, async () => {
            const child = spawn(
              process.execPath,
              ['--input-type=module', '--eval', script, JSON.stringify(config), String(at)],
              { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
            )
            let errors = ''
            child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
            const [code] = (await once(child, 'exit')) as [number | null]
            return { code, errors }
          }),
        )
        expect(outcomes).toEqual(Array.from({ length: processes }, () => ({ code: 0, errors: '' })))
        expect(await countMigrations(dialect, url)).toBe(await countOf(dialect))
      } finally {
        await dispose()
      }
    }, 30_000)
  },
)

test('PostgreSQL keeps everything in the schema that options name, and is told where they name another', async () => {
  const { dispose, url } = await databases[1].create()
  const admin = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await admin`CREATE SCHEMA hub`
    const inSchema = (name: string) =>
      openDatabase({ driver: 'postgres', url: `${url}?options=-c%20search_path%3D${name}` })
    for (let starts = 0; starts < 2; starts += 1) {
      const db = await inSchema('hub')
      expect(await db.read.$count(db.tables.users)).toBe(0)
      await db.close()
    }
    const schemas = await admin`
      SELECT DISTINCT table_schema AS name FROM information_schema.tables
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY name`
    expect(schemas.map(({ name }) => name as string)).toEqual(['drizzle', 'hub'])
    await expect(inSchema('public')).rejects.toThrow('in another schema')
  } finally {
    await admin.end()
    await dispose()
  }
}, 30_000)

async function countMigrations(dialect: string, url: string): Promise<number> {
  if (dialect === 'sqlite') {
    const file = new BetterSqlite(url, { readonly: true })
    const row = file.prepare('SELECT count(*) AS count FROM __drizzle_migrations').get()
    file.close()
    return (row as { count: number }).count
  }
  const client = postgres(url, { max: 1 })
  const [row] = await client`SELECT count(*)::int AS count FROM drizzle.__drizzle_migrations`
  await client.end()
  return (row as unknown as { count: number }).count
}

async function countOf(dialect: string): Promise<number> {
  const journal = await readFile(`${folder}/migrations/${dialect}/meta/_journal.json`, 'utf8')
  return (JSON.parse(journal) as { entries: unknown[] }).entries.length
}
