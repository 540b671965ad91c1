import type { User, UserIdentity } from '@hub/shared'
import type { IdentityRow, Person } from './store.ts'

export function presentUser(person: Person, isAdministrator: boolean): User {
  const { identities, user } = person
  return {
    id: user.id,
    displayName: user.displayName,
    email: user.email,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    lastSignInAt: user.lastSignInAt.toISOString(),
    identities: identities.map(presentIdentity),
    isAdministrator,
  }
}

function presentIdentity(identity: IdentityRow): UserIdentity {
  const { email, id, issuer, principal, provider, subject } = identity
  return {
    id,
    provider,
    issuer,
    subject,
    principal,
    email,
    createdAt: identity.createdAt.toISOString(),
    lastSignInAt: identity.lastSignInAt.toISOString(),
  }
}
