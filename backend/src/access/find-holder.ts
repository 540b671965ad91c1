import type { Database, Transaction } from '#db'
import { AppError } from '#errors'
import { findPerson, userNotFound, within } from '#users'
import { findServicePrincipal, type Grantee } from './store.ts'

/** Who holds grants: a person with all identities, or a program. */
export type Holder = {
  displayName: string
  principals: readonly string[]
  /** Which provider vouches for a principal; a program has none. */
  providers: ReadonlyMap<string, string>
  disabledAt: Date | null
}

/** Throws `not-found`. */
export async function getHolder(source: Database | Transaction, grantee: Grantee): Promise<Holder> {
  if ('servicePrincipalId' in grantee) {
    const row = await findServicePrincipal(source, grantee.servicePrincipalId)
    if (row) return { ...row, principals: [row.principal], providers: new Map() }
    throw servicePrincipalNotFound()
  }
  const person = await findPerson('read' in source ? source : within(source), grantee.userId)
  if (!person) throw userNotFound()
  const { identities, user } = person
  return {
    ...user,
    principals: identities.map(({ principal }) => principal),
    providers: new Map(identities.map(({ principal, provider }) => [principal, provider])),
  }
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
