import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { openFolder, pathIn } from './files.ts'
import { codeOf, Failure, messageOf } from '../failure.ts'
import type { Log } from '../log.ts'

const tryAgainMs = 100
const sayAfterMs = 1_000

type Place = { folder: string; key: string; log: Log }

export type Lock = {
  release(): void
  /** Deletes the file that it is on, as long as it is held: whoever waits for it sees that it is gone. */
  remove(): void
}

/**
 * Runs it while no other process runs one of the same key. The lock is SQLite's own on a file, which the system lets go when
 * its holder ends, however it ends.
 */
export async function withLock<T>(place: Place, run: () => Promise<T>): Promise<T> {
  let lock: Lock | null
  try {
    lock = await waitForLock(place, Infinity)
  } catch (error) {
    place.log.say(
      `Other calls cannot be kept from signing in at the same time: ${messageOf(error)}`,
    )
    lock = null
  }
  try {
    return await run()
  } finally {
    lock?.release()
  }
}

/** Null where somebody else still has it after so long. Throws `cache` where nobody can have it. */
export async function waitForLock(
  { folder, key, log }: Place,
  waitMsMax: number,
): Promise<Lock | null> {
  const started = performance.now()
  let hasSaid = false
  for (;;) {
    openFolder(folder)
    const lock = await tryLock(pathIn(folder, `${key}.lock`))
    if (lock) return lock
    const waitedMs = performance.now() - started
    if (waitedMs >= waitMsMax) return null
    if (!hasSaid && waitedMs > sayAfterMs) {
      await checkLocking(folder, key)
      log.say('Waiting for the sign-in that another kubectl has begun …')
      hasSaid = true
    }
    await delay(tryAgainMs)
  }
}

/**
 * Throws `cache` where not even a file that nobody else knows is free: the network's file systems say of locks that they do not
 * have what they say of locks that are taken.
 */
async function checkLocking(folder: string, key: string): Promise<void> {
  const path = pathIn(folder, `${key}.${process.pid}.${randomBytes(4).toString('hex')}.partial`)
  try {
    const lock = await tryLock(path)
    if (lock === null) throw new Failure('cache', `the file system of ${folder} has no locks.`)
    lock.release()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Null while somebody else has it. */
async function tryLock(path: string): Promise<Lock | null> {
  const { DatabaseSync } = await import('node:sqlite')
  const opened = openIdentity(path)
  if (opened === null) return null
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (/locked|busy/i.test(messageOf(error))) return null
    throw new Failure('cache', `${path} cannot be locked: ${messageOf(error)}.`, { cause: error })
  }
  // A file that was deleted meanwhile is nobody else's any more: others lock the one that has its name now.
  if (readIdentity(path) !== opened) {
    database.close()
    return null
  }
  return {
    release: () => database.close(),
    remove: () => {
      try {
        rmSync(path, { force: true })
      } catch {
        // Windows deletes no file that is open: it is empty, and stays.
      }
    },
  }
}

/** Of the file, which is made where there is none. Null where its folder has just been deleted. */
function openIdentity(path: string): string | null {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new Failure('cache', `${path} cannot be opened: ${messageOf(error)}.`, { cause: error })
  }
  return readIdentity(path)
}

function readIdentity(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev}:${stats.ino}` : null
}
