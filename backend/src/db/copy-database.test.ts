import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { copyDatabase } from './copy-database.ts'
import { postgresTables, type Tables } from './tables.ts'

const [sqlite, postgres] = databases
const allNames = Object.keys(postgresTables) as (keyof Tables)[]
const names = allNames.filter((name) => name !== 'leases')
let from: TestDatabase
let to: TestDatabase

beforeAll(async () => {
  from = await sqlite.open()
  to = await postgres.open()
  await fill(700)
})
afterAll(async () => {
  await from.dispose()
  await to.dispose()
})

/**
 * Rows in every table, in those that others refer to first; each column with a value of its kind, half of those that may be null
 * are.
 */
async function fill(count: number): Promise<void> {
  const filled = new Set<PgTable>()
  const isReady = (name: keyof Tables) =>
    getTableConfig(postgresTables[name]).foreignKeys.every((key) =>
      filled.has(key.reference().foreignTable),
    )
  while (filled.size < allNames.length) {
    const name = allNames.find((each) => !filled.has(postgresTables[each]) && isReady(each))
    if (name === undefined) throw new Error('Tables refer to each other in a circle.')
    filled.add(postgresTables[name])
    const table: PgTable = postgresTables[name]
    const references = new Set(
      getTableConfig(table).foreignKeys.flatMap((key) =>
        key.reference().columns.map((column) => column.name),
      ),
    )
    const rows = Array.from({ length: count }, (_, index) =>
      Object.fromEntries(
        Object.entries(getTableColumns(table)).map(([key, column]) => {
          if (!column.notNull && index % 2 === 1) return [key, null]
          if (references.has(column.name)) return [key, `id ${index}`]
          switch (column.dataType) {
            case 'number':
              return [key, index + 1]
            case 'date':
              return [key, new Date(1_760_000_000_000 + index)]
            case 'json':
              return [key, index % 4 === 0 ? ['a', 'ü'] : { index, nested: [null, true] }]
            default:
              return [key, `${key === 'id' ? 'id' : `${key} ü`} ${index}`]
          }
        }),
      ),
    )
    await from.db.transaction((tx) => tx.queries.insert(tx.tables[name] as PgTable).values(rows))
  }
}

const read = async (database: TestDatabase, name: keyof Tables) => {
  const table: PgTable = database.db.tables[name]
  const rows = await database.db.read.select().from(table)
  return rows.map((row) => JSON.stringify(row)).toSorted()
}

test('every row of every table arrives as it was, and numbering goes on after them', async () => {
  const copied = await copyDatabase(from.db, to.db)
  expect(copied).toHaveLength(names.length)
  for (const name of names) {
    const [before, after] = [await read(from, name), await read(to, name)]
    expect({ name, after }).toEqual({ name, after: before })
    expect(after.length).toBeGreaterThanOrEqual(700)
  }
  expect(await read(from, 'leases')).toHaveLength(700)
  expect(await read(to, 'leases')).toEqual([])
  await to.db.transaction((tx) => tx.announce({ topic: 'user', subject: 'after' }))
  const changes = await to.db.read.select().from(to.db.tables.changes)
  expect(changes.find(({ subject }) => subject === 'after')?.seq).toBe(701)
})

test('a target that holds anything is refused, and nothing of it is changed', async () => {
  const before = await read(to, 'users')
  await expect(copyDatabase(from.db, to.db)).rejects.toThrow(/"users" has rows/)
  expect(await read(to, 'users')).toEqual(before)
})
