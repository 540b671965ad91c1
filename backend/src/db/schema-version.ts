import type { MigrationMeta } from 'drizzle-orm/migrator'
import { readVersion } from '#config'

/** The youngest migration that a database has, and the version of the hub that brought it; older ones did not note theirs. */
export type Applied = { at: number; version: string | null }

/** Why this version of the hub leaves a database alone, in sentences. */
export class SchemaMismatch extends Error {}

/** Throws SchemaMismatch where a newer version brought it up to date: this one does not know what is in it. */
export function refuseNewer(applied: Applied | null, migrations: readonly MigrationMeta[]): void {
  const newest = findNewest(migrations)
  if (applied === null || applied.at <= newest) return
  throw new SchemaMismatch(
    `The database was brought up to date by a newer version of the hub (${describe(applied)}) than this one (${describe({ at: newest, version: readVersion() })}), which leaves it as it is. Start that version or a later one, or restore the backup from before the update.`,
  )
}

/** Throws SchemaMismatch for every other schema than this version's: for who reads alone. */
export function refuseOther(applied: Applied | null, migrations: readonly MigrationMeta[]): void {
  refuseNewer(applied, migrations)
  if (applied === null) {
    throw new SchemaMismatch('The database holds no tables of the hub. Check DATABASE_URL.')
  }
  const newest = findNewest(migrations)
  if (applied.at === newest) return
  throw new SchemaMismatch(
    `The database is of an older version of the hub (${describe(applied)}) than this one (${describe({ at: newest, version: readVersion() })}), and nothing is changed in it here. Use that version, or let this one's hub bring it, or a copy of it, up to date by starting on it.`,
  )
}

function findNewest(migrations: readonly MigrationMeta[]): number {
  return Math.max(...migrations.map(({ folderMillis }) => folderMillis))
}

function describe({ at, version }: Applied): string {
  const schema = `schema of ${new Date(at).toISOString()}`
  return version === null ? schema : `${version}, ${schema}`
}
