import { randomUUID } from 'node:crypto'
import postgres from 'postgres'

/** A database of its own on the server of this URL: with no table in it, or as `template` is. */
export async function createPostgresDatabase(serverUrl: string, template?: string) {
  const name = `hub_${randomUUID().replaceAll('-', '')}`
  const admin = postgres(serverUrl, { max: 1, onnotice: () => undefined })
  await admin.unsafe(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${template}` : ''}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    name,
    config: { driver: 'postgres', url: url.href } as const,
    url: url.href,
    async dispose() {
      await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
