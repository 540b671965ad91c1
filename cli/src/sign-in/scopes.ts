import type { Provider } from './provider.ts'

/** What keeps people from signing in again and again, where the provider has it. */
export function toScope(
  scopes: readonly string[],
  { metadata }: Provider,
  isOffline = true,
): string {
  const isOffered = metadata.scopes_supported?.includes('offline_access') === true
  return [...new Set([...scopes, ...(isOffline && isOffered ? ['offline_access'] : [])])].join(' ')
}
