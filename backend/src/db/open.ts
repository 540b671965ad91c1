import type { Config } from '#config'
import type { Database } from './database.ts'
import type { Patience } from './patience.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

/**
 * Opens the configured database with its schema brought up to date. Throws what the driver says.
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
