import { pathIn, readOwnFile, removeFile, replaceFile } from './files.ts'

const spanMs = 15 * 60_000
const unansweredMax = 3

type Attempt = { at: number; failure: string | null }

/** What became of the latest sign-ins of a key: programs that call kubectl all night open no hundred tabs. */
export function readAttempts(folder: string, key: string, now: number): Attempt[] {
  try {
    const value: unknown = JSON.parse(readOwnFile(pathOf(folder, key)) ?? '[]')
    return Array.isArray(value) ? value.filter(isAttempt).filter(({ at }) => now - at < spanMs) : []
  } catch {
    return []
  }
}

export function isSpent(attempts: readonly Attempt[]): boolean {
  return attempts.length >= unansweredMax
}

/** Written before the browser opens, so that a call that is killed counts too; replaced when it has failed. */
export function writeAttempt(
  folder: string,
  key: string,
  attempt: Attempt,
  replaced: number | null = null,
): void {
  const others = readAttempts(folder, key, attempt.at).filter(({ at }) => at !== replaced)
  replaceFile(pathOf(folder, key), JSON.stringify([...others, attempt]))
}

export function forgetAttempts(folder: string, key: string): void {
  removeFile(pathOf(folder, key))
}

function pathOf(folder: string, key: string): string {
  return pathIn(folder, `${key}.attempts`)
}

function isAttempt(value: unknown): value is Attempt {
  const { at, failure } = (value ?? {}) as Record<string, unknown>
  return typeof at === 'number' && (failure === null || typeof failure === 'string')
}
