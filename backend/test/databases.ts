import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { openDatabase, type Database, type Patience } from '#db'
import { createPostgresDatabase } from './postgres-database.ts'

export type TestDatabase = {
  db: Database
  /** What DATABASE_URL would say. */
  url: string
  dispose(): Promise<void>
}

/** Where there is no table yet. */
export type EmptyDatabase = Pick<TestDatabase, 'url' | 'dispose'> & {
  config: Parameters<typeof openDatabase>[0]
}

/** Both databases, for `describe.each`: every HTTP and store test runs on each. */
export const databases = [
  {
    dialect: 'sqlite',
    create: createSqliteFile,
    open: (patience?: Patience) => open(createSqliteFile(), patience),
  },
  {
    dialect: 'postgres',
    create: (): Promise<EmptyDatabase> => createPostgresDatabase(inject('postgresUrl')),
    open: (patience?: Patience) =>
      open(createPostgresDatabase(inject('postgresUrl'), inject('postgresTemplate')), patience),
  },
] as const

async function open(created: Promise<EmptyDatabase>, patience?: Patience): Promise<TestDatabase> {
  const { config, dispose, url } = await created
  const db = await openDatabase(config, patience)
  return {
    db,
    url,
    async dispose() {
      await db.close()
      await dispose()
    },
  }
}

async function createSqliteFile(): Promise<EmptyDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-sqlite-'))
  const path = join(folder, 'hub.db')
  return {
    config: { driver: 'sqlite', path },
    url: path,
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}
