const groupsMax = 10_000

/**
 * The groups in a token: undefined where the claim is not there, null where it is nothing that names groups. `path` is the
 * claim's whole name (Auth0 uses addresses), or else the way to it: `realm_access.roles`.
 */
export function readGroupsClaim(
  claims: Record<string, unknown>,
  path: string,
): string[] | null | undefined {
  const value = Object.hasOwn(claims, path) ? claims[path] : descend(claims, path.split('.'))
  if (value === undefined) return undefined
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length > groupsMax) return null
  const names = list.filter((name) => typeof name === 'string' && name !== '' && name.length <= 256)
  return names.length === list.length ? [...new Set(names as string[])] : null
}

function descend(claims: unknown, [name, ...rest]: string[]): unknown {
  if (name === undefined) return claims
  if (typeof claims !== 'object' || claims === null || !Object.hasOwn(claims, name)) {
    return undefined
  }
  return descend((claims as Record<string, unknown>)[name], rest)
}
