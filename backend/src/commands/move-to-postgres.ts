// Moves a hub from SQLite to PostgreSQL: `bun run move-to-postgres`.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defaultDatabasePath, isPostgresUrl, readDatabaseUrl } from '#config'
import { CopyRefused, copyDatabase, openDatabase } from '#db'

const usage = `Usage: TARGET_DATABASE_URL=postgres://user:password@host/database bun run move-to-postgres

Copies everything the hub keeps in the SQLite file of DATABASE_URL (./data/kubefoundry.db by default) to an empty
PostgreSQL database: all of it, or nothing. Stop the hub first; start it again with DATABASE_URL set to the new one.
The file stays as it is.`

async function main(): Promise<void> {
  if (process.argv.length > 2) return say(usage)
  // Not an argument: everybody on the machine can read those.
  const target = process.env['TARGET_DATABASE_URL']?.trim()
  if (!target) return fail(`Say where to, with TARGET_DATABASE_URL.\n\n${usage}`)
  if (!isPostgresUrl(target)) {
    return fail('TARGET_DATABASE_URL is not a PostgreSQL address: one begins with postgres://')
  }
  const mistakes: string[] = []
  const read = (variable: string, value: string) =>
    readDatabaseUrl(variable, value, (path) => readFileSync(path, 'utf8'), mistakes)
  const destination = read('TARGET_DATABASE_URL', target)
  const source = read('DATABASE_URL', process.env['DATABASE_URL']?.trim() || defaultDatabasePath)
  if (source.driver === 'postgres') {
    return fail('DATABASE_URL already names PostgreSQL: set it to the path of the SQLite file.')
  }
  if (mistakes.length > 0) return fail(mistakes.join('\n'))
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
  // A driver's error may repeat the address, and with it the password.
  const reason = error instanceof CopyRefused ? error.message : describe(error)
  fail(`Nothing was copied. ${reason}`)
}

function describe(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string'
    ? `The database answered ${code}. Check the address, and that the server is up.`
    : 'A database could not be read or written.'
}
