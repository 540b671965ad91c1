/** A token or another text of a token endpoint's answer; null where it has none. */
export function readToken(tokens: object, name: string): string | null {
  const value = (tokens as Record<string, unknown>)[name]
  return typeof value === 'string' && value !== '' ? value : null
}
