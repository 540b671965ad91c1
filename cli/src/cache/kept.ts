import { readdirSync } from 'node:fs'
import { codeOf } from '../failure.ts'
import type { EntryLabel } from './entry.ts'
import { openFolder } from './files.ts'
import { readLabel } from './store.ts'

export type Kept = { key: string; label: EntryLabel | null; isSealed: boolean }

/** Every sign-in of a folder; another program's have no label. Throws `cache` where the folder is not this user's alone. */
export function listKept(folder: string): Kept[] {
  const keys = readNames(folder).filter((name) => /^[0-9a-f]{64}$/.test(name))
  if (keys.length > 0) openFolder(folder)
  return keys.toSorted().map((key) => {
    const kept = readLabel(folder, key)
    return { key, label: kept?.label ?? null, isSealed: kept?.isSealed ?? false }
  })
}

const ownName =
  /^([0-9a-f]{64})(\.(?<kind>lock|handed|attempts|hub))?(\.\d+\.[0-9a-f]{8}\.partial)?$/

/** Every key that anything is kept of, if only what calls that were killed left behind. */
export function listKeys(folder: string): string[] {
  const keys = readNames(folder).map((name) => ownName.exec(name)?.[1])
  return [...new Set(keys.filter((key) => key !== undefined))]
}

/** Everything of a key but its lock. */
export function listFilesOf(folder: string, key: string): string[] {
  return readNames(folder).filter((name) => {
    const match = ownName.exec(name)
    return match?.[1] === key && match.groups?.['kind'] !== 'lock'
  })
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

export function isMeant(
  { label }: Kept,
  { clientId, issuer }: { issuer: string | null; clientId: string | null },
): boolean {
  if (issuer === null && clientId === null) return true
  return (
    label !== null &&
    (issuer === null || label.issuer === issuer) &&
    (clientId === null || label.clientId === clientId)
  )
}
