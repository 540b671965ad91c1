import type { Config } from '#config'
import type { Database, ReadOnlyDatabase } from './database.ts'
import type { Patience } from './patience.ts'
import { openPostgres, openPostgresToRead } from './postgres.ts'
import { openSqliteToRead } from './sqlite-reader.ts'
import { openSqlite } from './sqlite.ts'

/**
 * Opens the configured database with its schema brought up to date. Throws SchemaMismatch, and what the driver says.
 */
export async function openDatabase(
  config: Config['database'],
  patience?: Patience,
): Promise<Database> {
  switch (config.driver) {
    case 'sqlite':
      return openSqlite(config.path, patience)
    case 'postgres':
      return openPostgres(config, patience)
  }
}

/** Opens the configured database as it is, for reading alone. Throws SchemaMismatch, and what the driver says. */
export async function openToRead(config: Config['database']): Promise<ReadOnlyDatabase> {
  switch (config.driver) {
    case 'sqlite':
      return openSqliteToRead(config.path)
    case 'postgres':
      return openPostgresToRead(config)
  }
}
