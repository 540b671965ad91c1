import { UserIdentity, type User } from '@hub/shared'
import type { ProvidersConfig } from '#config'
import { findIdentityFault } from './find-identity-fault.ts'
import type { IdentityRow, Person } from './rows.ts'

export function presentUser(
  person: Person,
  isAdministrator: boolean,
  rules: ProvidersConfig,
): User {
  const { identities, user } = person
  return {
    id: user.id,
    displayName: user.displayName,
    email: user.email,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    lastSignInAt: user.lastSignInAt.toISOString(),
    identities: identities.map((identity) => presentIdentity(identity, rules)),
    isAdministrator,
  }
}

function presentIdentity(identity: IdentityRow, rules: ProvidersConfig): UserIdentity {
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
    fault: findIdentityFault(identity, rules)?.sentence ?? null,
    groups: {
      state: UserIdentity.shape.groups.shape.state.catch('unknown').parse(identity.groupsState),
      syncedAt: identity.groupsSyncedAt?.toISOString() ?? null,
      dropped: identity.groupsDropped,
      isRefreshable: identity.tokensSealed !== null,
    },
  }
}
