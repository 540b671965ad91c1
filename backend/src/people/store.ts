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
import { containsText, type Database, type Reader, type Tables, type Transaction } from '#db'
import type { IdentityRow, Person, UserRow } from './rows.ts'

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
  const has = (column: SQLWrapper) => containsText(column, q)
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

export async function findPeopleByIds(reader: Reader, ids: readonly string[]): Promise<Person[]> {
  if (ids.length === 0) return []
  const { users } = reader.tables
  const rows = await reader.read
    .select()
    .from(users)
    .where(inArray(users.id, [...ids]))
  return withIdentities(reader, rows)
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

export async function insertUserAlone(tx: Transaction, user: UserRow): Promise<void> {
  await tx.queries.insert(tx.tables.users).values(user)
}

/** With everything that is still theirs. */
export async function deleteUser(tx: Transaction, id: string): Promise<void> {
  const { users } = tx.tables
  await tx.queries.delete(users).where(eq(users.id, id))
}
