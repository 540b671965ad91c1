import { getTableConfig as getPostgresConfig, PgTable } from 'drizzle-orm/pg-core'
import { getTableConfig as getSqliteConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import * as postgres from './schema-postgres.ts'
import * as sqlite from './schema-sqlite.ts'

type Column = {
  name: string
  notNull: boolean
  primary: boolean
  dataType: string
  isUnique: boolean
}
type Config = ReturnType<typeof getSqliteConfig> | ReturnType<typeof getPostgresConfig>

function describeTable(config: Config) {
  const columns = config.columns as unknown as Column[]
  return {
    name: config.name,
    columns: columns.map(({ name, notNull, primary, dataType, isUnique }) => ({
      name,
      notNull,
      primary,
      dataType,
      isUnique,
    })),
    indexes: config.indexes
      .map(({ config: { name, unique, columns: on } }) => ({
        name,
        unique,
        on: on.map((column) => ('name' in column ? column.name : '')),
      }))
      .toSorted((a, b) => String(a.name).localeCompare(String(b.name))),
    foreignKeys: config.foreignKeys.map((key) => {
      const { columns: from, foreignTable, foreignColumns } = key.reference()
      return {
        from: from.map(({ name }) => name),
        to: foreignColumns.map(({ name }) => name),
        table: (foreignTable as unknown as Record<symbol, string>)[Symbol.for('drizzle:Name')],
        onDelete: key.onDelete,
      }
    }),
  }
}

test('both schemas have the same tables, columns, JS types, keys and indexes', () => {
  const sqliteTables = Object.entries(sqlite).map(([key, table]) => [
    key,
    table instanceof SQLiteTable && describeTable(getSqliteConfig(table)),
  ])
  const postgresTables = Object.entries(postgres).map(([key, table]) => [
    key,
    table instanceof PgTable && describeTable(getPostgresConfig(table)),
  ])
  expect(sqliteTables.length).toBeGreaterThan(0)
  expect(sqliteTables.every(([, table]) => table)).toBe(true)
  expect(Object.fromEntries(sqliteTables)).toEqual(Object.fromEntries(postgresTables))
})
