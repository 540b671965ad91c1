import { createHash } from 'node:crypto'
import type { Options } from '../flags/options.ts'

/** Whatever makes another token makes another key; what only leads to the same one does not. */
export function toCacheKey({ grant, provider, tls }: Options): string {
  const parts = [
    provider.issuer,
    provider.clientId,
    provider.clientSecret,
    provider.redirectUrl,
    provider.scopes.toSorted(),
    provider.useAccessToken,
    toSortedPairs(provider.headers),
    provider.pkce,
    toSortedPairs(provider.extraParameters),
    grant.type,
    grant.username,
    tls.authorityFiles,
    tls.authorityData,
    tls.isVerified,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function toSortedPairs(pairs: Readonly<Record<string, string>>): string[] {
  return Object.entries(pairs)
    .map((pair) => JSON.stringify(pair))
    .toSorted()
}
