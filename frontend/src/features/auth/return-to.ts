/** Where to go after signing in: a path of this portal, and `/` for anything else that a link may have brought along. */
export function safeReturnTo(value: unknown): string {
  // A browser reads "\\" as "/" and drops tabs and line breaks, which can turn a path into another host's.
  if (typeof value !== 'string' || !/^\/(?!\/)[!-[\]-~]*$/.test(value)) return '/'
  return value.startsWith('/login') || value.startsWith('/api/') ? '/' : value
}

const storageKey = 'hub-return-to'

/** Remembers where to go, for a sign-in that comes back with an error and without it. */
export function keepReturnTo(returnTo: string): void {
  try {
    sessionStorage.setItem(storageKey, returnTo)
  } catch {
    // Without storage the way leads to the start page.
  }
}

export function recallReturnTo(): string {
  try {
    return safeReturnTo(sessionStorage.getItem(storageKey))
  } catch {
    return '/'
  }
}
