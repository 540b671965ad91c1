import { randomBytes } from 'node:crypto'
import { access, constants, lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '#errors'
import { credentialExtension } from './credential-source.ts'

/** Why files here are not the hub's to change, as a sentence; null when they are. */
export async function describeReadOnly(directory: string): Promise<string | null> {
  const path = resolve(directory)
  if (await isLink(join(path, '..data'))) return fromMount(path)
  try {
    await access(path, constants.W_OK)
    return null
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? notThere(path) : readOnly(path, code)
  }
}

export async function hasCredential(directory: string, instance: string): Promise<boolean> {
  return exists(join(resolve(directory), `${instance}${credentialExtension}`))
}

/** Null where there is no such file. */
export async function readCredential(directory: string, instance: string): Promise<Buffer | null> {
  try {
    return await readFile(join(resolve(directory), `${instance}${credentialExtension}`))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Writes a credential whole or not at all: nobody ever reads half of it. Throws `credentials-read-only`. */
export async function writeCredential(
  directory: string,
  instance: string,
  kubeconfig: string,
): Promise<{ isNew: boolean }> {
  const path = await requireOwnFile(directory, instance)
  // The hub does not look at names that begin with a dot.
  const temporary = join(
    resolve(directory),
    `.${instance}.${randomBytes(6).toString('hex')}.writing`,
  )
  try {
    const isNew = !(await exists(path))
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(kubeconfig)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncDirectory(directory)
    return { isNew }
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw asReadOnly(directory, error)
  }
}

/** Returns false where there is no such file. Throws `credentials-read-only`. */
export async function removeCredential(directory: string, instance: string): Promise<boolean> {
  const path = await requireOwnFile(directory, instance)
  if (!(await exists(path))) return false
  try {
    await rm(path)
    await syncDirectory(directory)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw asReadOnly(directory, error)
  }
}

async function requireOwnFile(directory: string, instance: string): Promise<string> {
  const reason = await describeReadOnly(directory)
  if (reason !== null) throw new AppError('credentials-read-only', { detail: reason })
  const path = join(resolve(directory), `${instance}${credentialExtension}`)
  if (await isLink(path)) {
    throw new AppError('credentials-read-only', {
      detail: `The credential of "${instance}" is a link to another file (${path}). Change the file it points to.`,
    })
  }
  return path
}

/** A rename is durable only once the directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(resolve(directory), constants.O_RDONLY)
  try {
    await handle.sync()
  } catch {
    // Some file systems sync no directories; the file itself is written.
  } finally {
    await handle.close()
  }
}

function asReadOnly(directory: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EROFS' && code !== 'EACCES' && code !== 'EPERM') return error
  const detail = readOnly(resolve(directory), code)
  return new AppError('credentials-read-only', { detail, cause: error })
}

function fromMount(path: string): string {
  return `The credentials directory ${path} is mounted from a Kubernetes Secret. Change that Secret (or what the CSI driver reads it from), and the hub follows.`
}

function readOnly(path: string, code = 'unknown'): string {
  return `The hub may not write to the credentials directory ${path} (${code}). Change the files at their source, or let the hub's user write there.`
}

function notThere(path: string): string {
  return `The credentials directory ${path} does not exist. Create it, or correct CREDENTIALS_PATH.`
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isSymbolicLink(),
    () => false,
  )
}
