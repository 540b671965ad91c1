import * as postgres from './schema-postgres.ts'
import * as sqlite from './schema-sqlite.ts'

/** The tables as the stores see them: PostgreSQL's types stand for both, because every row has the same JS types. */
export type Tables = typeof postgres

export const postgresTables: Tables = postgres

// Held by schema.test.ts: the same tables, columns, JS types, keys and indexes as PostgreSQL's.
export const sqliteTables = sqlite as unknown as Tables
