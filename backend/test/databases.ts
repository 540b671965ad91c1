import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { inject } from 'vitest'
import { openDatabase, type Database, type Patience } from '#db'

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
    create: createPostgresDatabase,
    open: (patience?: Patience) => open(createPostgresDatabase(), patience),
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

async function createPostgresDatabase(): Promise<EmptyDatabase> {
  const server = new URL(inject('postgresUrl'))
  const name = `hub_${randomUUID().replaceAll('-', '')}`
  const admin = postgres(server.href, { max: 1, onnotice: () => undefined })
  await admin.unsafe(`CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    config: { driver: 'postgres', url: url.href },
    url: url.href,
    async dispose() {
      await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
