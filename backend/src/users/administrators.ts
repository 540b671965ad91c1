import type { ConfigGrant } from '#config'
import type { Database, Transaction } from '#db'
import {
  findAdminGrants,
  findByPrincipals,
  findEnabled,
  within,
  type GrantRow,
  type Person,
} from './store.ts'

/** What the configuration says about who administers the hub. */
export type UserDeps = { grants: readonly ConfigGrant[] }

/** Tells of a person whether they administer the hub, or would if they were enabled. */
export async function readAdministrators(
  db: Database,
  deps: UserDeps,
  now: Date,
): Promise<(person: Person) => boolean> {
  const granted = activeOwners(await findAdminGrants(db), now)
  const configured = new Set(configuredPrincipals(deps))
  return ({ identities, user }) =>
    granted.has(user.id) || identities.some(({ principal }) => configured.has(principal))
}

/**
 * Whether somebody could still administer the hub without this person, or, with null, as it is. Who is an administrator for
 * a time is none for good: they count only where what is taken away would have ended too. Hold the lock `administrators`.
 */
export async function hasOtherAdministrator(
  tx: Transaction,
  deps: UserDeps,
  { isLasting, userId }: { userId: string | null; isLasting: boolean },
  now: Date,
): Promise<boolean> {
  const granted = await findGrantedAdministrators(tx, now, { isLasting })
  if (granted.some((id) => id !== userId)) return true
  const configured = configuredPrincipals(deps)
  const known = await findByPrincipals(within(tx), configured)
  // Whom the configuration names and nobody has seen yet can still sign in.
  return configured.some((principal) => {
    const owner = known.find((each) => each.principal === principal)
    return !owner || (owner.disabledAt === null && owner.userId !== userId)
  })
}

/** Whether a person who is enabled administers the hub for good: by a grant without end, or by the configuration. */
export async function isLastingAdministrator(
  tx: Transaction,
  deps: UserDeps,
  { identities, user }: Person,
  now: Date,
): Promise<boolean> {
  const configured = configuredPrincipals(deps)
  if (identities.some(({ principal }) => configured.includes(principal))) return true
  const granted = await findGrantedAdministrators(tx, now, { isLasting: true })
  return granted.includes(user.id)
}

/** Enabled people who administer the hub by a grant that counts now; `isLasting` leaves out those that end. */
export async function findGrantedAdministrators(
  source: Database | Transaction,
  now: Date,
  { isLasting }: { isLasting: boolean },
): Promise<string[]> {
  const reader = 'read' in source ? source : within(source)
  const rows = await findAdminGrants(reader)
  const counting = isLasting ? rows.filter(({ endsAt }) => endsAt === null) : rows
  return findEnabled(reader, [...activeOwners(counting, now)])
}

function configuredPrincipals({ grants }: UserDeps): string[] {
  return grants.flatMap(({ grant, principal }) => (grant.role === 'admin' ? [principal] : []))
}

function activeOwners(rows: readonly GrantRow[], now: Date): Set<string> {
  return new Set(
    rows.flatMap(({ endsAt, instanceId, namespaces, userId }) => {
      const isHubWide = instanceId === null && namespaces === null
      const isActive = endsAt === null || endsAt > now
      return userId !== null && isHubWide && isActive ? [userId] : []
    }),
  )
}
