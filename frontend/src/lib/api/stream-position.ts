/** undefined until the hub said where the stream stands; null once it was begun. */
let position: string | null | undefined

/** Keeps where the stream stood when the first answer came, which is who is signed in: all that is read is read after it. */
export function notePosition(headers: Headers): void {
  if (position === undefined) position = headers.get('stream-position') ?? undefined
}

/** Where a first stream begins, so that nothing is missed that changed since the first read; null for every later one. */
export function takePosition(): string | null {
  const taken = position ?? null
  position = null
  return taken
}
