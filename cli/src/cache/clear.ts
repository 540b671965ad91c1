import { messageOf } from '../failure.ts'
import type { Log } from '../log.ts'
import { pathIn, removeFile } from './files.ts'
import { listFilesOf } from './kept.ts'
import { waitForLock, type Lock } from './lock.ts'

/** A renewal is over by then; a sign-in takes as long as its person. */
const waitMsMax = 3_000

/**
 * Runs what ends a sign-in while no other call renews it, and deletes what calls left behind. Where somebody signs in just now
 * it runs all the same, and leaves them their lock: without it the next call would open a second browser.
 */
export async function clearKey(
  place: { folder: string; key: string; log: Log },
  end: () => Promise<void>,
): Promise<void> {
  const { folder, key, log } = place
  const lock = await takeLock(place)
  try {
    await end()
    if (lock === 'held') {
      log.say('Another kubectl is signing in at the moment: what it gets is kept.')
      return
    }
    for (const name of listFilesOf(folder, key)) removeFile(pathIn(folder, name))
    lock?.remove()
  } finally {
    if (lock !== 'held') lock?.release()
  }
}

/** Null where nobody can have it: a file that is no lock, or a folder that takes none. */
async function takeLock(place: Parameters<typeof waitForLock>[0]): Promise<Lock | 'held' | null> {
  try {
    return (await waitForLock(place, waitMsMax)) ?? 'held'
  } catch (error) {
    place.log.debug(messageOf(error))
    return null
  }
}
