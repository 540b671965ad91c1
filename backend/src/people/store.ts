import {
  and,
  asc,
  desc,
  eq,
  exists,
  inArray,
  isNotNull,
  isNull,
  or,
  sql,
  type SQLWrapper,
} from 'drizzle-orm'
import type { Database, Reader, Tables, Transaction } from '#db'

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

export async function findCheckedPerson(
  { read, tables }: Reader,
  userId: string,
): Promise<CheckedPerson | null> {
  const { identities, users } = tables
  const rows = await read
    .select({ identity: identityColumns(tables), user: users })
    .from(users)
    .innerJoin(identities, eq(identities.userId, users.id))
    .where(eq(users.id, userId))
    .orderBy(desc(identities.lastSignInAt))
  const [first] = rows
  return first ? { user: first.user, identities: rows.map(({ identity }) => identity) } : null
}

/** The two that something was of then: the identity may be another person's since. */
export async function findUserAndIdentity(
  { read, tables }: Reader,
  ids: { userId: string; identityId: string },
): Promise<CheckedIdentityOfUser | null> {
  const { identities, users } = tables
  const rows = await read
    .select({ identity: identityColumns(tables), user: users })
    .from(users)
    .innerJoin(identities, eq(identities.id, ids.identityId))
    .where(eq(users.id, ids.userId))
  return rows[0] ?? null
}

/** An identity with whose it is now. */
export async function findCheckedIdentity(
  { read, tables }: Reader,
  id: string,
): Promise<CheckedIdentityOfUser | null> {
  const { identities, users } = tables
  const rows = await read
    .select({ identity: identityColumns(tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(eq(identities.id, id))
  return rows[0] ?? null
}

/** Whom an issuer's subject stands for; `principal` where a provider knows people by something else than the subject. */
export async function findIdentitiesOfSubject(
  { read, tables }: Reader,
  issuer: string,
  key: { subject: string; principal: string | null },
): Promise<CheckedIdentityOfUser[]> {
  const { identities, users } = tables
  const { principal, subject } = key
  return read
    .select({ identity: identityColumns(tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(
      and(
        eq(identities.issuer, issuer),
        or(
          eq(identities.subject, subject),
          ...(principal === null ? [] : [eq(identities.principal, principal)]),
        ),
      ),
    )
}

/** Those of an issuer: of one subject, or of some identities. */
export async function findIdentityIds(
  { read, tables: { identities } }: Reader,
  { issuer, ...of }: { issuer: string } & ({ subject: string } | { ids: readonly string[] }),
): Promise<string[]> {
  const rows = await read
    .select({ id: identities.id })
    .from(identities)
    .where(
      and(
        eq(identities.issuer, issuer),
        'subject' in of ? eq(identities.subject, of.subject) : inArray(identities.id, [...of.ids]),
      ),
    )
  return rows.map(({ id }) => id)
}

/** Who has signed in under a principal, the latest first: two issuers may give the same. */
export async function findWithPrincipal(
  { read, tables }: Reader,
  principal: string,
): Promise<CheckedIdentityOfUser[]> {
  const { identities, users } = tables
  return read
    .select({ identity: identityColumns(tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(eq(identities.principal, principal))
    .orderBy(desc(identities.lastSignInAt))
}

export async function findAllIdentities({ read, tables }: Reader): Promise<CheckedIdentity[]> {
  return read.select(identityColumns(tables)).from(tables.identities)
}

/** How people are shown to whoever decides about them. */
export type Profile = {
  user: Pick<UserRow, 'id' | 'displayName' | 'email' | 'disabledAt'>
  principals: string[]
}

export async function findProfiles(
  { read, tables: { identities, users } }: Reader,
  userIds: readonly string[],
): Promise<Map<string, Profile>> {
  const ids = [...new Set(userIds)]
  if (ids.length === 0) return new Map()
  const { disabledAt, displayName, email, id } = users
  const people = await read
    .select({ id, displayName, email, disabledAt })
    .from(users)
    .where(inArray(id, ids))
  const known = await read
    .select({ userId: identities.userId, principal: identities.principal })
    .from(identities)
    .where(inArray(identities.userId, ids))
    .orderBy(asc(identities.createdAt), asc(identities.id))
  const byUser = Map.groupBy(known, ({ userId }) => userId)
  return new Map(
    people.map((user) => [
      user.id,
      { user, principals: (byUser.get(user.id) ?? []).map(({ principal }) => principal) },
    ]),
  )
}

export async function isPerson({ read, tables: { users } }: Reader, id: string): Promise<boolean> {
  return (await read.$count(users, eq(users.id, id))) > 0
}

export async function findIdentity(
  tx: Transaction,
  key: Pick<IdentityRow, 'provider' | 'issuer' | 'subject'>,
): Promise<IdentityWithUser | undefined> {
  const { identities, users } = tx.tables
  const rows = await tx.queries
    .select({ identity: identities, user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(
      and(
        eq(identities.provider, key.provider),
        eq(identities.issuer, key.issuer),
        eq(identities.subject, key.subject),
      ),
    )
  return rows[0]
}

/** False, with nothing inserted, where the identity has appeared meanwhile: the same person signed in twice at once. */
export async function insertUser(
  tx: Transaction,
  user: UserRow,
  identity: IdentityRow,
): Promise<boolean> {
  const { identities, users } = tx.tables
  await tx.queries.insert(users).values(user)
  const rows = await tx.queries
    .insert(identities)
    .values(identity)
    .onConflictDoNothing()
    .returning({ id: identities.id })
  if (rows.length === 1) return true
  await tx.queries.delete(users).where(eq(users.id, user.id))
  return false
}

export async function updateProfile(
  tx: Transaction,
  ids: { userId: string; identityId: string },
  profile: Pick<UserRow, 'displayName' | 'email' | 'lastSignInAt'>,
  synced: Pick<
    IdentityRow,
    | 'groups'
    | 'groupsState'
    | 'groupsSyncedAt'
    | 'groupsAskedAt'
    | 'groupsDropped'
    | 'isAsking'
    | 'tokensSealed'
    | 'admission'
    | 'withdrawnAt'
    | 'withdrawnReason'
  >,
): Promise<void> {
  const { identities, users } = tx.tables
  await tx.queries.update(users).set(profile).where(eq(users.id, ids.userId))
  await tx.queries
    .update(identities)
    .set({ email: profile.email, lastSignInAt: profile.lastSignInAt, ...synced })
    .where(eq(identities.id, ids.identityId))
}

export type UserFilter = { q: string | undefined; status: 'enabled' | 'disabled' | undefined }

/** Where a page ended: the last person's name as it is sorted by, and id. */
export type UserPosition = { name: string; id: string }

/** How many people a statement of a search looks at. */
const searchedAtOnce = 500

export async function findPeople(
  db: Database,
  filter: UserFilter & { limit: number; after: UserPosition | null },
): Promise<{ people: Person[]; total: number; last: UserPosition | null; hasMore: boolean }> {
  const { limit } = filter
  const { rows, total } =
    filter.q === undefined ? await pageOfAll(db, filter) : await search(db, filter, filter.q)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    people: await withIdentities(
      db,
      page.map(({ user }) => user),
    ),
    total,
    last: last ? { name: last.name, id: last.user.id } : null,
    hasMore: rows.length > limit,
  }
}

type NamedUser = { user: UserRow; name: string }
type PageFilter = Omit<UserFilter, 'q'> & { limit: number; after: UserPosition | null }

function nameOf({ users }: Tables) {
  return sql<string>`lower(${users.displayName})`
}

function isBeyond(tables: Tables, after: UserPosition | null) {
  return after === null
    ? undefined
    : sql`(${nameOf(tables)}, ${tables.users.id}) > (${after.name}, ${after.id})`
}

function isInStatus({ users }: Tables, status: UserFilter['status']) {
  if (status === undefined) return undefined
  return status === 'disabled' ? isNotNull(users.disabledAt) : isNull(users.disabledAt)
}

async function pageOfAll(
  db: Database,
  { after, limit, status }: PageFilter,
): Promise<{ rows: NamedUser[]; total: number }> {
  const { users } = db.tables
  const name = nameOf(db.tables)
  const matches = isInStatus(db.tables, status)
  const [rows, total] = await Promise.all([
    db.read
      .select({ user: users, name })
      .from(users)
      .where(and(matches, isBeyond(db.tables, after)))
      .orderBy(name, asc(users.id))
      .limit(limit + 1),
    db.read.$count(users, matches),
  ])
  return { rows, total }
}

/** Looks at everybody, some at a time: no index finds a part of a name, and all who match are counted. */
async function search(
  db: Database,
  { after, limit, status }: PageFilter,
  q: string,
): Promise<{ rows: NamedUser[]; total: number }> {
  const { users } = db.tables
  const name = nameOf(db.tables)
  const rows: NamedUser[] = []
  let total = 0
  let start: UserPosition | null = null
  for (;;) {
    const beyond = isBeyond(db.tables, start)
    const some = db.read
      .select({ id: users.id, name: name.as('name') })
      .from(users)
      .where(beyond)
      .orderBy(name, asc(users.id))
      .limit(searchedAtOnce)
      .as('some')
    const [last] = await db.read
      .select({ id: some.id, name: some.name })
      .from(some)
      .orderBy(desc(some.name), desc(some.id))
      .limit(1)
    if (!last) return { rows, total }
    const found = await db.read
      .select({ user: users, name: some.name, isAfter: isBeyond(db.tables, after) ?? sql`1 = 1` })
      .from(some)
      .innerJoin(users, eq(users.id, some.id))
      .where(and(isInStatus(db.tables, status), isNamed(db, q)))
      .orderBy(some.name, asc(some.id))
    total += found.length
    const missing = limit + 1 - rows.length
    if (missing > 0) rows.push(...found.filter(({ isAfter }) => isAfter).slice(0, missing))
    start = last
  }
}

function isNamed({ read, tables: { identities, users } }: Database, q: string) {
  const pattern = `%${q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const has = (column: SQLWrapper) => sql`lower(${column}) LIKE ${pattern} ESCAPE '\\'`
  const byIdentity = read
    .select({ id: identities.id })
    .from(identities)
    .where(
      and(eq(identities.userId, users.id), or(has(identities.principal), has(identities.email))),
    )
  return or(has(users.displayName), has(users.email), exists(byIdentity))
}

async function withIdentities(reader: Reader, users: UserRow[]): Promise<Person[]> {
  if (users.length === 0) return []
  const { identities } = reader.tables
  const rows = await reader.read
    .select()
    .from(identities)
    .where(
      inArray(
        identities.userId,
        users.map(({ id }) => id),
      ),
    )
    .orderBy(asc(identities.createdAt), asc(identities.id))
  const byUser = Map.groupBy(rows, ({ userId }) => userId)
  return users.map((user) => ({ user, identities: byUser.get(user.id) ?? [] }))
}

export async function findPerson(reader: Reader, id: string): Promise<Person | null> {
  const { users } = reader.tables
  const rows = await reader.read.select().from(users).where(eq(users.id, id))
  return (await withIdentities(reader, rows))[0] ?? null
}

export async function findIdentityById(reader: Reader, id: string): Promise<IdentityRow | null> {
  const { identities } = reader.tables
  return (await reader.read.select().from(identities).where(eq(identities.id, id)))[0] ?? null
}

export async function findByPrincipals(
  reader: Reader,
  principals: readonly string[],
): Promise<(CheckedIdentity & { userDisabledAt: Date | null })[]> {
  if (principals.length === 0) return []
  const { identities, users } = reader.tables
  return reader.read
    .select({ ...identityColumns(reader.tables), userDisabledAt: users.disabledAt })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(inArray(identities.principal, [...principals]))
}

export async function findPeopleByIds(reader: Reader, ids: readonly string[]): Promise<Person[]> {
  if (ids.length === 0) return []
  const { users } = reader.tables
  const rows = await reader.read
    .select()
    .from(users)
    .where(inArray(users.id, [...ids]))
  return withIdentities(reader, rows)
}

/** Makes sign-ins and look-ups of one person take turns. False where they are disabled or gone. */
export async function lockPerson(tx: Transaction, id: string): Promise<boolean> {
  const { users } = tx.tables
  const rows = await tx.queries
    .update(users)
    .set({ displayName: sql`${users.displayName}` })
    .where(eq(users.id, id))
    .returning({ disabledAt: users.disabledAt })
  return rows[0]?.disabledAt === null
}

export async function setDisabled(
  tx: Transaction,
  id: string,
  disabledAt: Date | null,
): Promise<void> {
  const { users } = tx.tables
  await tx.queries.update(users).set({ disabledAt }).where(eq(users.id, id))
}

export async function moveIdentity(tx: Transaction, id: string, userId: string): Promise<void> {
  const { identities } = tx.tables
  await tx.queries.update(identities).set({ userId }).where(eq(identities.id, id))
}

export async function insertUserAlone(tx: Transaction, user: UserRow): Promise<void> {
  await tx.queries.insert(tx.tables.users).values(user)
}

/** With everything that is still theirs. */
export async function deleteUser(tx: Transaction, id: string): Promise<void> {
  const { users } = tx.tables
  await tx.queries.delete(users).where(eq(users.id, id))
}
