/** A token or another text of a token endpoint's answer; null where it has none. */
export function readToken(tokens: object, name: string): string | null {
  const value = (tokens as Record<string, unknown>)[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Whether a token endpoint's answer refuses (RFC 6749 §5.2); some write an `error` of null beside tokens. */
export function hasError(answer: object): answer is { error: unknown } {
  const { error } = answer as { error?: unknown }
  return error !== undefined && error !== null && error !== ''
}
