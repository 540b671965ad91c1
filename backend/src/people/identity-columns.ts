import type { Tables } from '#db'
import type { JudgedIdentity } from './store.ts'

/** What a check needs of an identity: its groups alone can be a hundred kilobytes. */
export function identityColumns({ identities }: Tables) {
  const { id, issuer, principal, provider, subject, userId } = identities
  const { admission, email, withdrawnAt, withdrawnReason } = identities
  return {
    id,
    issuer,
    principal,
    provider,
    subject,
    userId,
    admission,
    email,
    withdrawnAt,
    withdrawnReason,
  }
}

export type CheckedIdentity = JudgedIdentity &
  Pick<Tables['identities']['$inferSelect'], 'id' | 'subject' | 'userId'>
