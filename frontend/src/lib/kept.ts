type Fields = Record<string, unknown>

/** Whose tab it is. */
const ownerKey = 'hub-person'

/**
 * What somebody wrote and has not sent, as it was kept under a key; null where nothing is. It is kept in the tab: another one
 * knows nothing of it, and it ends with the tab.
 */
export function readKept(key: string): Fields | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    return typeof kept === 'object' && !Array.isArray(kept) ? (kept as Fields | null) : null
  } catch {
    return null
  }
}

/** Keeps what is written, for example while somebody signs in again; null forgets it. */
export function keep(key: string, written: object | null): void {
  try {
    if (written === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(written))
  } catch {
    // Without storage the form works; it only forgets when the page is left.
  }
}

/** Once it is known who is signed in: nothing stays here of what somebody else wrote in this tab before. */
export function keepFor(person: string): void {
  try {
    const before = sessionStorage.getItem(ownerKey)
    if (before !== null && before !== person) sessionStorage.clear()
    sessionStorage.setItem(ownerKey, person)
  } catch {
    // Without storage nothing is kept.
  }
}

/** When somebody signs out. */
export function forgetKept(): void {
  try {
    sessionStorage.clear()
  } catch {
    // Without storage there is nothing to clear.
  }
}
