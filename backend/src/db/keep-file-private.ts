import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'

const privateMode = 0o600

/**
 * Creates the file of a database for its owner alone, whatever the umask, and takes from one that is there what others
 * may do; SQLite gives its `-wal` and `-shm` the mode of the file. What cannot be taken is a warning.
 */
export function keepFilePrivate(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'a', privateMode))
  for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat?.isFile() || (stat.mode & 0o077) === 0) continue
    try {
      chmodSync(path, stat.mode & 0o700)
    } catch (error) {
      narrowingFailed(path, error)
    }
  }
}

/** Volumes without modes of their own, and files of another user that a group shares, are as their owner wants them. */
function narrowingFailed(path: string, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException
  process.emitWarning(
    `${path} can be read by others on this machine, and its mode cannot be changed (${code ?? 'unknown'}); give it to the hub's user with mode 600.`,
  )
}
