import type { ProvidersConfig } from '#config'
import { isIdentityEnabled, type IdentityRow, type JudgedIdentity } from '#people'
import type { GrantRow, MappingRow } from './store.ts'

type Judged = JudgedIdentity & Pick<IdentityRow, 'groups'>

/**
 * Whether a person's grant counts as far as identities go: what a group gives counts while an identity that counts is in
 * the group. Grants of other sources are the person's own.
 */
export function isVouchedFor(
  { mappingId, source }: Pick<GrantRow, 'source' | 'mappingId'>,
  mappings: ReadonlyMap<string, Pick<MappingRow, 'provider' | 'groupId'>>,
  identities: readonly Judged[],
  rules: ProvidersConfig,
): boolean {
  if (source !== 'group') return true
  const enabled = identities.filter((identity) => isIdentityEnabled(identity, rules))
  // Where all count, what is written down is what they give.
  if (enabled.length === identities.length) return true
  const mapping = mappings.get(mappingId ?? '')
  return enabled.some(
    ({ groups, provider }) =>
      provider === mapping?.provider && groups?.some(({ id }) => id === mapping.groupId) === true,
  )
}
