import { openFolder, pathIn, readOwnFile, removeFile, replaceFile } from '../cache/files.ts'
import { readHubSignIn, type HubSignIn } from './hub-sign-in.ts'

/** What a hub said, when it said it, and when it was last asked in vain. */
export type KeptSignIn = {
  signIn: HubSignIn
  link: string
  askedAt: number
  failedAt: number | null
}

/** Null where there is none, or none that can be used: the hub is asked again. */
export function readKeptSignIn(folder: string, key: string, hub: string): KeptSignIn | null {
  try {
    const text = readOwnFile(pathIn(folder, `${key}.hub`))
    if (text === null) return null
    const { askedAt, failedAt, link, signIn } = JSON.parse(text) as Record<string, unknown>
    if (typeof askedAt !== 'number' || typeof link !== 'string') return null
    const isTime = typeof failedAt === 'number'
    return { signIn: readHubSignIn(signIn, hub), link, askedAt, failedAt: isTime ? failedAt : null }
  } catch {
    return null
  }
}

export function keepSignIn(folder: string, key: string, kept: KeptSignIn): void {
  openFolder(folder)
  replaceFile(pathIn(folder, `${key}.hub`), JSON.stringify(kept), { isLasting: false })
}

export function forgetSignIn(folder: string, key: string): void {
  removeFile(pathIn(folder, `${key}.hub`))
}
