import type { Tables } from '#db'

/** What a check needs of an identity: its groups alone can be a hundred kilobytes. */
export function identityColumns({ identities }: Tables) {
  const { id, issuer, principal, provider, subject, userId } = identities
  return { id, issuer, principal, provider, subject, userId }
}

export type CheckedIdentity = Pick<
  Tables['identities']['$inferSelect'],
  'id' | 'issuer' | 'principal' | 'provider' | 'subject' | 'userId'
>
