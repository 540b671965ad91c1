import type { ConfigGrant, ProvidersConfig } from '#config'
import type { Database, Transaction } from '#db'
import { canSignIn, findIdentityFault, isIdentityEnabled } from './find-identity-fault.ts'
import {
  findAdminGrants,
  findByPrincipals,
  findMappedGroups,
  findPeopleByIds,
  within,
  type GrantRow,
  type MappedGroup,
  type Person,
} from './store.ts'
import { isVouchedFor } from './vouched-grants.ts'

/** What the configuration says about who administers the hub, and whose word counts. */
export type UserDeps = { grants: readonly ConfigGrant[]; rules: ProvidersConfig }

/** Tells of a person whether they administer the hub, or would if they were enabled. */
export async function readAdministrators(
  db: Database,
  deps: UserDeps,
  now: Date,
): Promise<(person: Person) => boolean> {
  const granted = countingRows(await findAdminGrants(db), now)
  const mappings = await readMappings(db, granted)
  const byOwner = Map.groupBy(granted, ({ userId }) => userId)
  const configured = new Set(configuredPrincipals(deps))
  return (person) => {
    const enabled = enabledIdentities(deps, person)
    if (enabled.some(({ principal }) => configured.has(principal))) return true
    return isGranted(deps, person, byOwner.get(person.user.id) ?? [], mappings)
  }
}

/**
 * Whether somebody could still administer the hub without this person, or, with null, as it is. Who is an administrator for
 * a time is none for good: they count only where what is taken away would have ended too. Hold the lock `administrators`
 * where something hangs on it.
 */
export async function hasOtherAdministrator(
  source: Database | Transaction,
  deps: UserDeps,
  { isLasting, userId }: { userId: string | null; isLasting: boolean },
  now: Date,
): Promise<boolean> {
  const granted = await findGrantedAdministrators(source, deps, now, { isLasting })
  if (granted.some((id) => id !== userId)) return true
  const configured = configuredPrincipals(deps)
  const known = (await findByPrincipals(readerOf(source), configured)).map((each) => ({
    ...each,
    fault: findIdentityFault(each, deps.rules)?.kind ?? null,
  }))
  return configured.some((principal) => {
    if (!canSignIn(principal, deps.rules)) return false
    const here = known.filter(
      (each) => each.principal === principal && each.fault !== 'issuer' && each.fault !== 'tenant',
    )
    // Whom the configuration names and nobody has seen yet at this issuer can still sign in.
    if (here.length === 0) return true
    return here.some(
      (each) =>
        each.userDisabledAt === null &&
        each.userId !== userId &&
        // By another client they are let in as before.
        (each.fault === null || each.fault === 'client'),
    )
  })
}

/** Whether a person who is enabled administers the hub for good: by a grant without end, or by the configuration. */
export async function isLastingAdministrator(
  tx: Transaction,
  deps: UserDeps,
  person: Person,
  now: Date,
): Promise<boolean> {
  const configured = configuredPrincipals(deps)
  const enabled = enabledIdentities(deps, person)
  if (enabled.some(({ principal }) => configured.includes(principal))) return true
  const granted = await findGrantedAdministrators(tx, deps, now, { isLasting: true })
  return granted.includes(person.user.id)
}

/**
 * Enabled people who can come in and administer the hub by a grant that counts now; `isLasting` leaves out those that end.
 */
export async function findGrantedAdministrators(
  source: Database | Transaction,
  deps: UserDeps,
  now: Date,
  { isLasting }: { isLasting: boolean },
): Promise<string[]> {
  const reader = readerOf(source)
  const rows = countingRows(await findAdminGrants(reader), now).filter(
    ({ endsAt }) => !isLasting || endsAt === null,
  )
  const mappings = await readMappings(reader, rows)
  const byOwner = Map.groupBy(rows, ({ userId }) => userId)
  const ids = [...byOwner.keys()].flatMap((id) => id ?? [])
  const people = await findPeopleByIds(reader, ids)
  return people.flatMap((person) => {
    const { disabledAt, id } = person.user
    return disabledAt === null && isGranted(deps, person, byOwner.get(id) ?? [], mappings)
      ? [id]
      : []
  })
}

function readerOf(source: Database | Transaction) {
  return 'read' in source ? source : within(source)
}

async function readMappings(
  reader: Parameters<typeof findMappedGroups>[0],
  rows: readonly GrantRow[],
): Promise<Map<string, MappedGroup>> {
  const ids = new Set(rows.flatMap(({ mappingId }) => mappingId ?? []))
  return ids.size === 0 ? new Map() : findMappedGroups(reader)
}

function isGranted(
  { rules }: UserDeps,
  person: Person,
  rows: readonly GrantRow[],
  mappings: ReadonlyMap<string, MappedGroup>,
): boolean {
  if (!person.identities.some((identity) => isIdentityEnabled(identity, rules))) return false
  return rows.some((row) => isVouchedFor(row, mappings, person.identities, rules))
}

function enabledIdentities({ rules }: UserDeps, { identities }: Person) {
  return identities.filter((identity) => isIdentityEnabled(identity, rules))
}

function configuredPrincipals({ grants }: UserDeps): string[] {
  return grants.flatMap(({ grant, principal }) => (grant.role === 'admin' ? [principal] : []))
}

function countingRows(rows: readonly GrantRow[], now: Date): GrantRow[] {
  return rows.filter(({ endsAt, instanceId, namespaces, userId }) => {
    const isHubWide = instanceId === null && namespaces === null
    return userId !== null && isHubWide && (endsAt === null || endsAt > now)
  })
}
