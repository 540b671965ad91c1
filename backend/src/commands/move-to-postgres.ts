// Moves a hub from SQLite to PostgreSQL: `bun run move-to-postgres`.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, loadMoveConfig } from '#config'
import { CopyRefused, copyDatabase, openDatabase, SchemaMismatch } from '#db'

const usage = `Usage: TARGET_DATABASE_URL=postgres://user:password@host/database bun run move-to-postgres

Copies everything the hub keeps in the SQLite file of DATABASE_URL (./data/kubefoundry.db by default) to an empty
PostgreSQL database: all of it, or nothing. Both addresses may come from files (DATABASE_URL_FILE,
TARGET_DATABASE_URL_FILE). Stop the hub first; start it again with DATABASE_URL set to the new one.
The file stays as it is.`

async function main(): Promise<void> {
  if (process.argv.length > 2) return say(usage)
  // Not arguments: everybody on the machine can read those.
  const { from: source, to: destination } = loadMoveConfig(process.env)
  if (!existsSync(source.path)) {
    return fail(
      `There is no ${resolve(source.path)}. Set DATABASE_URL to the SQLite file of the hub.`,
    )
  }
  const from = await openDatabase(source)
  try {
    const to = await openDatabase(destination)
    try {
      const copied = await copyDatabase(from, to)
      for (const { rows, table } of copied) say(`${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}`)
      say('Everything is there. Start the hub with DATABASE_URL set to the PostgreSQL address.')
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}

try {
  await main()
} catch (error) {
  if (error instanceof ConfigError) fail(error.message)
  else fail(`Nothing was copied. ${describe(error)}`)
}

function describe(error: unknown): string {
  if (error instanceof CopyRefused || error instanceof SchemaMismatch) return error.message
  // A driver's error may repeat the address, and with it the password.
  const code = (error as { code?: unknown }).code
  return typeof code === 'string'
    ? `The database answered ${code}. Check the address, and that the server is up.`
    : 'A database could not be read or written.'
}
