import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { replaceFile } from '../cache/files.ts'
import { codeOf, Failure } from '../failure.ts'
import type { Environment } from '../flags/options.ts'

const bytesMax = 10 * 1024 * 1024
const tries = 50
const tryAgainMs = 100

/** The first of $KUBECONFIG, else kubectl's own. */
export function findKubeconfig(env: Environment): string {
  const [first] = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  return first ?? join(env['HOME'] || homedir(), '.kube', 'config')
}

/** Empty where there is none yet. Throws `cache` for what is no readable file. */
export function readKubeconfig(path: string): string {
  try {
    const stats = statSync(path)
    if (!stats.isFile() || stats.size > bytesMax) {
      throw new Failure('cache', `${path} is no kubeconfig: it is no file of at most 10 MiB.`)
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Failure) throw error
    if (codeOf(error) === 'ENOENT') return ''
    throw new Failure('cache', `${path} cannot be read (${codeOf(error)}).`, { cause: error })
  }
}

/**
 * Changes it while no kubectl does, by the lock file that kubectl makes, and at once: readers see the old text or the new one.
 * It is readable by its owner alone afterwards. Throws `cache`, and what the change throws; the file stays as it was then.
 */
export async function changeKubeconfig<T extends { text: string }>(
  path: string,
  change: (text: string) => T,
): Promise<T> {
  // What is behind a link is replaced, not the link.
  const file = existsSync(path) ? realpathSync(path) : path
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 })
  } catch (error) {
    throw new Failure('cache', `${dirname(file)} cannot be made (${codeOf(error)}).`, {
      cause: error,
    })
  }
  const lock = `${file}.lock`
  await takeLock(lock)
  try {
    const before = readKubeconfig(file)
    const changed = change(before)
    if (changed.text === before) chmodSync(file, 0o600)
    else replaceFile(file, changed.text)
    return changed
  } finally {
    rmSync(lock, { force: true })
  }
}

async function takeLock(lock: string): Promise<void> {
  for (let tried = 0; ; tried += 1) {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      return
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        throw new Failure('cache', `${lock} cannot be made (${codeOf(error)}).`, { cause: error })
      }
      if (tried < tries) {
        await delay(tryAgainMs)
        continue
      }
      throw new Failure(
        'cache',
        `Another program changes that kubeconfig: ${lock} is there. If none does, delete it.`,
        { cause: error },
      )
    }
  }
}
