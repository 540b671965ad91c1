import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '#db'
import { findFreePort } from './free-port.ts'
import { createPostgresDatabase } from './postgres-database.ts'
import { isRoot, loadServer, makeDataFolder, makeServerFolder } from './postgres-programs.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL server whose user may create databases. */
    postgresUrl: string
    /** A database of it that has the hub's tables: to copy one takes a quarter of making one anew. */
    postgresTemplate: string
  }
}

/** One real PostgreSQL for the whole run: the one that TEST_POSTGRES_URL names, else one from the npm registry. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_POSTGRES_URL']
  if (given) {
    project.provide('postgresUrl', given)
    return provideTemplate(project, given)
  }
  const [folder, dataFolder] = [await makeServerFolder(), await makeDataFolder()]
  const removeFolders = () =>
    Promise.all([folder, dataFolder].map((each) => rm(each, { recursive: true, force: true })))
  const EmbeddedPostgres = await loadServer(folder)
  const port = await findFreePort()
  const messages: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(dataFolder, 'data'),
    port,
    user: 'hub',
    password: 'hub',
    persistent: false,
    // PostgreSQL refuses to run as root; in a container the package makes a user for it.
    createPostgresUser: isRoot,
    postgresFlags: [
      '-k',
      folder,
      '-c',
      'fsync=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_wal_size=128MB',
      '-c',
      'max_connections=200',
    ],
    onLog: (message) => messages.push(message),
    onError: (message) => messages.push(String(message)),
  })
  try {
    await withTemporaryFolder(folder, () => server.initialise())
    await server.start()
  } catch (cause) {
    await removeFolders()
    throw new Error(
      `PostgreSQL could not be started; set TEST_POSTGRES_URL to use a server of yours.\n${messages.slice(-5).join('')}`,
      { cause },
    )
  }
  const url = `postgres://hub:hub@127.0.0.1:${port}/postgres`
  project.provide('postgresUrl', url)
  const stop = async () => {
    await server.stop()
    await removeFolders()
  }
  try {
    await provideTemplate(project, url)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

async function provideTemplate(project: TestProject, url: string): Promise<() => Promise<void>> {
  const { config, dispose, name } = await createPostgresDatabase(url)
  const db = await openDatabase(config)
  await db.close()
  project.provide('postgresTemplate', name)
  return dispose
}

/** The server's password is written into the temporary folder, which has to be open to the server's user too. */
async function withTemporaryFolder(folder: string, run: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    await run()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}
