import type { Database, Reader, Transaction } from '#db'
import { AppError } from '#errors'
import {
  canSignIn,
  findByPrincipals,
  findIdentityFault,
  findPeopleByIds,
  isIdentityEnabled,
  type Person,
} from '#people'
import type { AdministratorDeps } from './deps.ts'
import { findMappedPeople } from './mapped-grants.ts'
import { findAdminGrants, findMappings, type GrantRow, type MappingRow } from './store.ts'
import { isVouchedFor } from './vouched-grants.ts'

/** Tells of a person whether they administer the hub, or would if they were enabled. */
export async function readAdministrators(
  db: Database,
  deps: AdministratorDeps,
  now: Date,
): Promise<(person: Person) => boolean> {
  const granted = countingRows(await findAdminGrants(db), now)
  const mappings = await readMappings(db, granted)
  const byOwner = Map.groupBy(granted, ({ userId }) => userId)
  const configured = new Set(configuredPrincipals(deps))
  const mapped = new Set((await findMappedAdministrators(db, deps, now)).map(({ user }) => user.id))
  return (person) => {
    if (mapped.has(person.user.id)) return true
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
  reader: Reader,
  deps: AdministratorDeps,
  { isLasting, userId }: { userId: string | null; isLasting: boolean },
  now: Date,
): Promise<boolean> {
  const granted = await findGrantedAdministrators(reader, deps, now, { isLasting })
  if (granted.some((id) => id !== userId)) return true
  const configured = configuredPrincipals(deps)
  const known = (await findByPrincipals(reader, configured)).map((each) => ({
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

/** Whether anybody administers this hub: a person whom the configuration names, or one with a grant. */
export async function hasAdministrator(
  reader: Reader,
  deps: AdministratorDeps,
  now: Date,
): Promise<boolean> {
  return hasOtherAdministrator(reader, deps, { userId: null, isLasting: false }, now)
}

/**
 * Throws `conflict`, which takes everything back, where nobody administers the hub after a change. Hold the lock
 * `administrators`.
 */
export async function requireAdministrator(
  tx: Transaction,
  deps: AdministratorDeps,
  /** Whether what was taken away would have lasted. */
  isLasting: boolean,
  now: Date,
): Promise<void> {
  if (await hasOtherAdministrator(tx, deps, { userId: null, isLasting }, now)) return
  throw new AppError('conflict', {
    detail:
      'This gives the last administrator of this hub their role. Make somebody else an administrator first.',
  })
}

/** Whether the owner of an identity that counts administers this hub. */
export async function isAdministrator(
  reader: Reader,
  deps: AdministratorDeps,
  person: { principal: string; userId: string },
  now: Date,
): Promise<boolean> {
  if (configuredPrincipals(deps).includes(person.principal)) return true
  const granted = await findGrantedAdministrators(reader, deps, now, { isLasting: false })
  return granted.includes(person.userId)
}

/** Whether a person who is enabled administers the hub for good: by a grant without end, or by the configuration. */
export async function isLastingAdministrator(
  tx: Transaction,
  deps: AdministratorDeps,
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
async function findGrantedAdministrators(
  reader: Reader,
  deps: AdministratorDeps,
  now: Date,
  { isLasting }: { isLasting: boolean },
): Promise<string[]> {
  const rows = countingRows(await findAdminGrants(reader), now).filter(
    ({ endsAt }) => !isLasting || endsAt === null,
  )
  const mappings = await readMappings(reader, rows)
  const byOwner = Map.groupBy(rows, ({ userId }) => userId)
  const ids = [...byOwner.keys()].flatMap((id) => id ?? [])
  const people = await findPeopleByIds(reader, ids)
  const granted = people.filter((person) =>
    isGranted(deps, person, byOwner.get(person.user.id) ?? [], mappings),
  )
  const mapped = await findMappedAdministrators(reader, deps, now)
  return [...granted, ...mapped].flatMap(({ user }) => (user.disabledAt === null ? [user.id] : []))
}

/** By group mappings of the configuration, the disabled too. */
async function findMappedAdministrators(
  reader: Reader,
  deps: AdministratorDeps,
  now: Date,
): Promise<Person[]> {
  const people: Person[] = []
  for (const mapping of deps.configured.mappings()) {
    if (mapping.role !== 'admin') continue
    people.push(...(await findMappedPeople(reader, deps, mapping, now)))
  }
  return people
}

async function readMappings(
  reader: Reader,
  rows: readonly GrantRow[],
): Promise<Map<string, MappingRow>> {
  const ids = new Set(rows.flatMap(({ mappingId }) => mappingId ?? []))
  if (ids.size === 0) return new Map()
  return new Map((await findMappings(reader)).map((mapping) => [mapping.id, mapping]))
}

function isGranted(
  { rules }: AdministratorDeps,
  person: Person,
  rows: readonly GrantRow[],
  mappings: ReadonlyMap<string, MappingRow>,
): boolean {
  if (!person.identities.some((identity) => isIdentityEnabled(identity, rules))) return false
  return rows.some((row) => isVouchedFor(row, mappings, person.identities, rules))
}

function enabledIdentities({ rules }: AdministratorDeps, { identities }: Person) {
  return identities.filter((identity) => isIdentityEnabled(identity, rules))
}

function configuredPrincipals({ configured }: AdministratorDeps): string[] {
  return configured
    .grants()
    .flatMap(({ grant, principal }) => (grant.role === 'admin' ? [principal] : []))
}

function countingRows(rows: readonly GrantRow[], now: Date): GrantRow[] {
  return rows.filter(({ endsAt, instanceId, namespaces, userId }) => {
    const isHubWide = instanceId === null && namespaces === null
    return userId !== null && isHubWide && (endsAt === null || endsAt > now)
  })
}
