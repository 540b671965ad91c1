import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { inject } from 'vitest'
import { openDatabase, type Database } from '#db'

export type TestDatabase = {
  db: Database
  /** What DATABASE_URL would say. */
  url: string
  dispose(): Promise<void>
}

/** Both databases, for `describe.each`: every HTTP and store test runs on each. */
export const databases = [
  { dialect: 'sqlite', open: openSqliteFile },
  { dialect: 'postgres', open: openPostgresDatabase },
] as const

async function openSqliteFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-sqlite-'))
  const path = join(folder, 'hub.db')
  const db = await openDatabase({ driver: 'sqlite', path })
  return {
    db,
    url: path,
    async dispose() {
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openPostgresDatabase(): Promise<TestDatabase> {
  const server = new URL(inject('postgresUrl'))
  const name = `hub_${randomUUID().replaceAll('-', '')}`
  const admin = postgres(server.href, { max: 1, onnotice: () => undefined })
  await admin.unsafe(`CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const db = await openDatabase({ driver: 'postgres', url: url.href })
  return {
    db,
    url: url.href,
    async dispose() {
      await db.close()
      await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
