/** What is kept of a sign-in. */
export type Entry = {
  issuer: string
  clientId: string
  /** What kubectl gets: the ID token, or the access token where that was asked for. */
  token: string
  /** In milliseconds of this machine's clock. */
  expiresAt: number
  idToken: string | null
  refreshToken: string | null
}

/** What may be shown of an entry without opening it. */
export type EntryLabel = Pick<Entry, 'issuer' | 'clientId' | 'expiresAt'>

export function isLabel(value: unknown): value is EntryLabel {
  const { clientId, expiresAt, issuer } = (value ?? {}) as Record<string, unknown>
  return (
    typeof issuer === 'string' &&
    typeof clientId === 'string' &&
    typeof expiresAt === 'number' &&
    Number.isFinite(expiresAt)
  )
}

export function isEntry(value: unknown): value is Entry {
  if (!isLabel(value)) return false
  const { idToken, refreshToken, token } = value as unknown as Record<string, unknown>
  const isTextOrNull = (each: unknown) => each === null || typeof each === 'string'
  return (
    typeof token === 'string' && token !== '' && isTextOrNull(idToken) && isTextOrNull(refreshToken)
  )
}

/** A token that ends sooner is renewed first. */
const leftMsMin = 60_000

export function isUsable({ expiresAt }: Entry): boolean {
  return expiresAt - Date.now() > leftMsMin
}
