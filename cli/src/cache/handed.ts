import { createHash } from 'node:crypto'
import { pathIn, readOwnFile, replaceFile } from './files.ts'

const againMs = 15_000

type Handed = { parent: number; at: number; digest: string }

/**
 * Whether the same kubectl was given the same token a moment ago. It asks once, keeps the answer, and asks again only where the
 * cluster answered 401 to it.
 */
export function wasHanded(
  folder: string,
  key: string,
  asked: { token: string; now: number },
): boolean {
  try {
    const handed = JSON.parse(readOwnFile(pathOf(folder, key)) ?? 'null') as Handed | null
    return (
      handed !== null &&
      handed.parent === process.ppid &&
      asked.now - handed.at < againMs &&
      handed.digest === digestOf(asked.token)
    )
  } catch {
    return false
  }
}

export function noteHanded(
  folder: string,
  key: string,
  given: { token: string; now: number },
): void {
  const handed: Handed = { parent: process.ppid, at: given.now, digest: digestOf(given.token) }
  // Each call writes it: nothing waits for the disk.
  replaceFile(pathOf(folder, key), JSON.stringify(handed), { isLasting: false })
}

function pathOf(folder: string, key: string): string {
  return pathIn(folder, `${key}.handed`)
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
