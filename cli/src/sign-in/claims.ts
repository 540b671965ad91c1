export type Claims = Record<string, unknown>

/** What a token says, unchecked; null where it is no JWT. */
export function readClaims(token: string): Claims | null {
  const part = token.split('.')[1]
  if (part === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? (claims as Claims) : null
  } catch {
    return null
  }
}
