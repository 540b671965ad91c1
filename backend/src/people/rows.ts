import type { Tables } from '#db'

export type IdentityRow = Tables['identities']['$inferSelect']

/** What is looked at of an identity before anybody is let in by it. */
export type JudgedIdentity = Pick<
  IdentityRow,
  'provider' | 'issuer' | 'principal' | 'email' | 'admission' | 'withdrawnAt' | 'withdrawnReason'
>
/** What a check needs of an identity: its groups alone can be a hundred kilobytes. */
export type CheckedIdentity = JudgedIdentity & Pick<IdentityRow, 'id' | 'subject' | 'userId'>

export type UserRow = Tables['users']['$inferSelect']

/** A person with every way in, the first one first. */
export type Person = { user: UserRow; identities: IdentityRow[] }

export type IdentityWithUser = { identity: IdentityRow; user: UserRow }

/** A person with every way in, as far as a check needs it, the one that was used last first. */
export type CheckedPerson = { user: UserRow; identities: CheckedIdentity[] }

export type CheckedIdentityOfUser = { identity: CheckedIdentity; user: UserRow }
