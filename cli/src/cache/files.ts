import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import { codeOf, Failure } from '../failure.ts'

const bytesMax = 8 * 1024 * 1024
const othersWrite = 0o022
const othersAny = 0o077

/** Makes the folder for this user alone. Throws `cache` where it is somebody else's, or others may write into it. */
export function openFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const stats = lstatSync(folder)
    if (stats.isSymbolicLink()) {
      throw new Failure('cache', `${folder} is a link: name the folder that it leads to.`)
    }
    checkOwner(folder, stats)
    if (!isWindows && (stats.mode & othersWrite) !== 0) {
      throw new Failure('cache', `Others may write into ${folder}: run chmod 700 '${folder}'.`)
    }
  } catch (error) {
    throw asCacheFailure(error, `The folder ${folder} cannot be used`)
  }
}

/** Null where there is no such file. Throws `cache` for one that others own or may read. */
export function readOwnFile(path: string): string | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw asCacheFailure(error, `${path} cannot be read`)
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || stats.size > bytesMax) return ''
    checkOwner(path, stats)
    if (!isWindows && (stats.mode & othersAny) !== 0) {
      throw new Failure(
        'cache',
        `Others may read the token in ${path}: sign out with "logout", or run chmod 600 '${path}' if nobody has.`,
      )
    }
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** Readers see the old text or the new one, never half of it; where it `isLasting`, after a power cut too. */
export function replaceFile(path: string, text: string, { isLasting = true } = {}): void {
  const partial = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.partial`
  try {
    const file = openSync(partial, 'wx', 0o600)
    try {
      const bytes = Buffer.from(text)
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
      if (isLasting) fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    throw asCacheFailure(error, `${path} cannot be written`)
  }
}

export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw asCacheFailure(error, `${path} cannot be deleted`)
  }
}

export function pathIn(folder: string, name: string): string {
  return join(folder, name)
}

const isWindows = process.platform === 'win32'

function checkOwner(path: string, stats: Stats): void {
  if (isWindows || stats.uid === process.getuid?.()) return
  throw new Failure(
    'cache',
    `${path} belongs to another user (id ${stats.uid}): delete it, or name another folder with --token-cache-dir.`,
  )
}

function asCacheFailure(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  const why =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM'
        ? 'this user may not'
        : code === 'EROFS'
          ? 'the disk is read-only'
          : code === 'ELOOP'
            ? 'it is a link'
            : (code ?? String(error))
  return new Failure('cache', `${what}: ${why}.`, { cause: error })
}
