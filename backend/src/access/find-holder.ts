import type { ProvidersConfig } from '#config'
import type { Reader, Transaction } from '#db'
import { AppError } from '#errors'
import {
  findIdentityFault,
  findPerson,
  isIdentityEnabled,
  userNotFound,
  type IdentityRow,
} from '#people'
import { findServicePrincipal } from './service-principals/store.ts'
import type { Grantee } from './store.ts'

/** Who holds grants: a person with all identities, or a program. */
export type Holder = {
  displayName: string
  principals: readonly string[]
  /** Of a person; null for a program. */
  identities: readonly IdentityRow[] | null
  disabledAt: Date | null
}

/** Throws `not-found`. */
export async function getHolder(reader: Reader, grantee: Grantee): Promise<Holder> {
  if ('servicePrincipalId' in grantee) {
    const row = await findServicePrincipal(reader, { id: grantee.servicePrincipalId })
    if (row) return { ...row, principals: [row.principal], identities: null }
    throw servicePrincipalNotFound()
  }
  const person = await findPerson(reader, grantee.userId)
  if (!person) throw userNotFound()
  const { identities, user } = person
  return {
    ...user,
    principals: identities.map(({ principal }) => principal),
    identities,
  }
}

/** The names by which they are let in as things are configured now. */
export function countingPrincipals(
  { identities, principals }: Pick<Holder, 'identities' | 'principals'>,
  rules: ProvidersConfig,
): readonly string[] {
  if (identities === null) return principals
  return identities
    .filter((identity) => isIdentityEnabled(identity, rules))
    .map(({ principal }) => principal)
}

/** Why nobody is let in as this person; null where somebody is. */
export function describeLockout(
  { displayName, identities }: Pick<Holder, 'displayName' | 'identities'>,
  rules: ProvidersConfig,
): string | null {
  if (identities === null) return null
  const faults = identities.map((identity) => findIdentityFault(identity, rules))
  if (faults.includes(null)) return null
  const sentences = new Set(faults.map((fault) => fault?.sentence ?? ''))
  return `No identity of ${displayName} counts now. ${[...sentences].join(' ')}`
}

export function servicePrincipalNotFound(): AppError {
  return new AppError('not-found', {
    detail:
      'There is no such service principal. A program is known once it has presented a token to this hub.',
  })
}

/** Tells whoever keeps this holder's grants that they are others now. */
export async function announceGrants(tx: Transaction, grantee: Grantee): Promise<void> {
  await tx.announce(
    'userId' in grantee
      ? { topic: 'grants', subject: grantee.userId }
      : { topic: 'service-principal', subject: grantee.servicePrincipalId },
  )
}
