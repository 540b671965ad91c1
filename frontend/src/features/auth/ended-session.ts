const storageKey = 'hub-session-ended'

/** Remembers why a session ended, in this tab alone: nobody else's link can put words on the sign-in page. */
export function keepSessionEnd(reason: string): void {
  try {
    sessionStorage.setItem(storageKey, reason)
  } catch {
    // Without storage the sign-in page says nothing of it.
  }
}

export function recallSessionEnd(): string | null {
  try {
    return sessionStorage.getItem(storageKey)
  } catch {
    return null
  }
}

/** Once somebody signs in again. */
export function forgetSessionEnd(): void {
  try {
    sessionStorage.removeItem(storageKey)
  } catch {
    // There is nothing to forget.
  }
}
