import { setTimeout as delay } from 'node:timers/promises'
import { openFolder, pathIn } from './files.ts'
import { Failure, messageOf } from '../failure.ts'
import type { Log } from '../log.ts'

const tryAgainMs = 100
const sayAfterMs = 1_000

/**
 * Runs it while no other process runs one of the same key. The lock is SQLite's own on a file, which the system lets go when
 * its holder ends, however it ends.
 */
export async function withLock<T>(
  { folder, key, log }: { folder: string; key: string; log: Log },
  run: () => Promise<T>,
): Promise<T> {
  let lock: Lock | null
  try {
    openFolder(folder)
    lock = await waitForLock(pathIn(folder, `${key}.lock`), log)
  } catch (error) {
    log.say(`Other calls cannot be kept from signing in at the same time: ${messageOf(error)}`)
    lock = null
  }
  try {
    return await run()
  } finally {
    lock?.release()
  }
}

type Lock = { release(): void }

async function waitForLock(path: string, log: Log): Promise<Lock> {
  const started = performance.now()
  let hasSaid = false
  for (;;) {
    const lock = await tryLock(path)
    if (lock) return lock
    if (!hasSaid && performance.now() - started > sayAfterMs) {
      log.say('Waiting for the sign-in that another kubectl has begun …')
      hasSaid = true
    }
    await delay(tryAgainMs)
  }
}

/** Null while somebody else has it. */
async function tryLock(path: string): Promise<Lock | null> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (/locked|busy/i.test(messageOf(error))) return null
    throw new Failure('cache', `${path} cannot be locked: ${messageOf(error)}.`, { cause: error })
  }
}
