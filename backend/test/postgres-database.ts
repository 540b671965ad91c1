import { randomUUID } from 'node:crypto'
import postgres from 'postgres'

/** A database of its own on the server of this URL: with no table in it, or as `template` is. */
export async function createPostgresDatabase(serverUrl: string, template?: string) {
  const name = `hub_${randomUUID().replaceAll('-', '')}`
  const admin = postgres(serverUrl, { max: 1, onnotice: () => undefined })
  // Files are copied as they are: to log each page of them takes twice the processor time.
  const copied = template ? ` TEMPLATE ${template} STRATEGY FILE_COPY` : ''
  await admin.unsafe(`CREATE DATABASE ${name}${copied}`)
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
