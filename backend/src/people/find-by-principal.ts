import type { ProvidersConfig } from '#config'
import type { Reader } from '#db'
import { isIdentityEnabled } from './find-identity-fault.ts'
import { findAllIdentities, findWithPrincipal } from './identities/store.ts'
import type { CheckedIdentityOfUser } from './rows.ts'

/** Who has signed in under this principal: of one that counts, and the latest, where two issuers give the same. */
export async function findByPrincipal(
  reader: Reader,
  rules: ProvidersConfig,
  principal: string,
): Promise<CheckedIdentityOfUser | null> {
  const found = await findWithPrincipal(reader, principal)
  return found.find(({ identity }) => isIdentityEnabled(identity, rules)) ?? found[0] ?? null
}

/** The principals of people that count. */
export async function findCountingPrincipals(
  reader: Reader,
  rules: ProvidersConfig,
): Promise<{ userId: string; principal: string }[]> {
  const known = await findAllIdentities(reader)
  return known.filter((identity) => isIdentityEnabled(identity, rules))
}
