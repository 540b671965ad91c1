import type { CacheOptions } from '../flags/options.ts'
import { Failure, messageOf } from '../failure.ts'
import type { Log } from '../log.ts'
import { isEntry, isLabel, type Entry, type EntryLabel } from './entry.ts'
import type { Keyring } from './keyring.ts'
import { openFolder, pathIn, readOwnFile, removeFile, replaceFile } from './files.ts'

export type Store = {
  /** Null where there is none, or none that can be read. Throws `cache` for one that is not this user's alone. */
  read(key: string): Promise<Entry | null>
  write(key: string, entry: Entry): Promise<void>
  /** Deletes it, and the keyring's part of it where that can be asked. Throws `cache` where the file stays. */
  forget(key: string): Promise<void>
}

type Sealed = EntryLabel & { sealed: string }

/** Where sign-ins are kept. Nothing is touched before the first call. */
export function openStore({ folder, storage }: CacheOptions, log: Log): Store {
  let opened: Keyring | null = null
  const getKeyring = async () => (opened ??= (await import('./keyring.ts')).openKeyring(log))
  const forget = async (key: string) => {
    const kept = readLabel(folder, key)
    for (const ending of ['', '.handed', '.attempts']) removeFile(pathIn(folder, key + ending))
    if (!kept?.isSealed) return
    try {
      await (await getKeyring()).forget(key)
    } catch (error) {
      log.debug(messageOf(error))
      log.say('Its key could not be deleted from the keyring; that key no longer opens anything.')
    }
  }
  if (storage === 'none') return { read: async () => null, write: async () => {}, forget }
  const write = (key: string, value: Entry | Sealed) => {
    openFolder(folder)
    replaceFile(pathIn(folder, key), JSON.stringify(value))
  }
  const unseal = async (key: string, { sealed }: Sealed): Promise<Entry | null> => {
    const entry: unknown = await (await getKeyring()).open(key, sealed)
    return isEntry(entry) ? entry : null
  }
  return {
    forget,
    read: async (key) => {
      if (!canOpen(folder)) return null
      const text = readOwnFile(pathIn(folder, key))
      if (text === null) return null
      const value = parse(text)
      if (isEntry(value)) return storage === 'keyring' ? null : value
      if (isSealed(value) && storage === 'keyring') return await unseal(key, value)
      if (isSealed(value) && storage === 'auto') {
        return await unseal(key, value).catch((error: unknown) => orNull(error, log))
      }
      log.debug(
        `what is in ${pathIn(folder, key)} is no sign-in of this program; it will be replaced`,
      )
      return null
    },
    write: async (key, entry) => {
      if (storage === 'disk') return write(key, entry)
      const { clientId, expiresAt, issuer } = entry
      const seal = async () => await (await getKeyring()).seal(key, entry)
      try {
        write(key, { issuer, clientId, expiresAt, sealed: await seal() })
      } catch (error) {
        if (storage === 'keyring' || !(error instanceof Failure)) throw error
        log.say(`${error.message} The token is kept on disk instead.`)
        write(key, entry)
      }
    },
  }
}

/** What is kept in a folder, opened or not, by key. */
export function readLabel(
  folder: string,
  key: string,
): { label: EntryLabel; isSealed: boolean } | null {
  const value = parse(readOwnFile(pathIn(folder, key)) ?? '')
  return isLabel(value) ? { label: value, isSealed: isSealed(value) } : null
}

/** Nothing can be read from one that cannot be made; a sign-in still works, and says that it could not be kept. */
function canOpen(folder: string): boolean {
  try {
    openFolder(folder)
    return true
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    if (cause?.code === 'EROFS' || cause?.code === 'ENOSPC' || cause?.code === 'EACCES')
      return false
    throw error
  }
}

/** What a keyring holds that cannot be asked is got again by a sign-in. */
function orNull(error: unknown, log: Log): null {
  if (!(error instanceof Failure)) throw error
  log.debug(error.message)
  return null
}

function isSealed(value: unknown): value is Sealed {
  return isLabel(value) && typeof (value as { sealed?: unknown }).sealed === 'string'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
