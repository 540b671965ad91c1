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
import type { Database, Tables, Transaction } from '#db'

export type IdentityRow = Tables['identities']['$inferSelect']

/** What is looked at of an identity before anybody is let in by it. */
export type JudgedIdentity = Pick<
  IdentityRow,
  'provider' | 'issuer' | 'principal' | 'email' | 'admission' | 'withdrawnAt' | 'withdrawnReason'
>
export type UserRow = Tables['users']['$inferSelect']
export type GrantRow = Tables['grants']['$inferSelect']

/** A person with every way in, the first one first. */
export type Person = { user: UserRow; identities: IdentityRow[] }

type Reader = { read: Pick<Transaction['queries'], 'select' | '$count'>; tables: Tables }

export type IdentityWithUser = { identity: IdentityRow; user: UserRow }

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

/** The same reads, within a transaction. */
export function within({ queries, tables }: Transaction): Reader {
  return { read: queries, tables }
}

export async function findIdentityById(tx: Transaction, id: string): Promise<IdentityRow | null> {
  const { identities } = tx.tables
  return (await tx.queries.select().from(identities).where(eq(identities.id, id)))[0] ?? null
}

/** Whose grants, or everybody's, make an administrator: those of the database. */
export async function findAdminGrants(reader: Reader): Promise<GrantRow[]> {
  const { grants } = reader.tables
  return reader.read
    .select()
    .from(grants)
    .where(and(eq(grants.role, 'admin'), isNotNull(grants.userId)))
}

export async function findByPrincipals(
  reader: Reader,
  principals: readonly string[],
): Promise<(JudgedIdentity & { userId: string; userDisabledAt: Date | null })[]> {
  if (principals.length === 0) return []
  const { identities, users } = reader.tables
  return reader.read
    .select({
      provider: identities.provider,
      issuer: identities.issuer,
      principal: identities.principal,
      email: identities.email,
      admission: identities.admission,
      withdrawnAt: identities.withdrawnAt,
      withdrawnReason: identities.withdrawnReason,
      userId: identities.userId,
      userDisabledAt: users.disabledAt,
    })
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

/** The group that a mapping is about. */
export type MappedGroup = { provider: string; groupId: string }

/** Of every mapping, by its id. */
export async function findMappedGroups(reader: Reader): Promise<Map<string, MappedGroup>> {
  const { groupMappings } = reader.tables
  const { groupId, id, provider } = groupMappings
  const rows = await reader.read.select({ id, provider, groupId }).from(groupMappings)
  return new Map(rows.map((row) => [row.id, row]))
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

/** What opens the hub to a person: ended for good, whatever becomes of the person. */
export async function endAccess(
  tx: Transaction,
  of: { userId: string } | { identityId: string },
  revokedAt: Date,
  revokeReason: string,
): Promise<{ sessions: number; tokens: number }> {
  const { apiTokens, sessions } = tx.tables
  const end = { revokedAt, revokeReason }
  const ended = await tx.queries
    .update(sessions)
    .set({ ...end, idTokenSealed: null })
    .where(
      and(
        isNull(sessions.revokedAt),
        'userId' in of ? eq(sessions.userId, of.userId) : eq(sessions.identityId, of.identityId),
      ),
    )
    .returning({ id: sessions.id })
  for (const { id } of ended) await tx.announce({ topic: 'session', subject: id })
  if (!('userId' in of)) return { sessions: ended.length, tokens: 0 }
  const tokens = await tx.queries
    .update(apiTokens)
    .set(end)
    .where(and(eq(apiTokens.userId, of.userId), isNull(apiTokens.revokedAt)))
    .returning({ id: apiTokens.id })
  return { sessions: ended.length, tokens: tokens.length }
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

export async function findGrantsOf(tx: Transaction, userId: string): Promise<GrantRow[]> {
  const { grants } = tx.tables
  return tx.queries.select().from(grants).where(eq(grants.userId, userId))
}

export async function moveGrant(tx: Transaction, id: string, userId: string): Promise<void> {
  const { grants } = tx.tables
  await tx.queries.update(grants).set({ userId }).where(eq(grants.id, id))
}

export async function deleteGroupGrants(tx: Transaction, userId: string): Promise<number> {
  const { grants } = tx.tables
  const rows = await tx.queries
    .delete(grants)
    .where(and(eq(grants.userId, userId), eq(grants.source, 'group')))
    .returning({ id: grants.id })
  return rows.length
}

export async function moveRequests(tx: Transaction, from: string, to: string): Promise<void> {
  const { accessRequests } = tx.tables
  await tx.queries.update(accessRequests).set({ userId: to }).where(eq(accessRequests.userId, from))
}

/** Makes the table of who is in which group what these people's identities say. The database does it: it may be thousands. */
export async function writeMemberships(tx: Transaction, userIds: readonly string[]): Promise<void> {
  const { identities, identityGroups, knownGroups } = tx.tables
  const theirs = await tx.queries
    .select({ id: identities.id })
    .from(identities)
    .where(inArray(identities.userId, [...userIds]))
  if (theirs.length === 0) return
  // Named one by one, or a planner that knows nothing of these tables yet reads all of them.
  const ids = theirs.map(({ id }) => id)
  const members =
    tx.dialect === 'sqlite'
      ? sql`json_each(${identities.groups}) AS member`
      : sql`jsonb_array_elements(${identities.groups}) AS member(value)`
  const groupId = sql`(member.value ->> 'id')`
  const name = sql`(member.value ->> 'name')`
  const from = sql`FROM ${identities} JOIN ${members} ON true WHERE ${inArray(identities.id, ids)}`
  const isTheirs = inArray(identityGroups.identityId, ids)
  const some = await tx.queries
    .select({ seq: identityGroups.seq })
    .from(identityGroups)
    .where(isTheirs)
    .limit(1)
  let missing = sql``
  if (some.length > 0) {
    const isGone = sql`(${identityGroups.identityId}, ${identityGroups.groupId}, ${identityGroups.userId}) NOT IN (SELECT ${identities.id}, ${groupId}, ${identities.userId} ${from})`
    await tx.queries.delete(identityGroups).where(and(isTheirs, isGone))
    missing = sql`AND (${identities.id}, ${groupId}) NOT IN (SELECT ${identityGroups.identityId}, ${identityGroups.groupId} FROM ${identityGroups} WHERE ${isTheirs})`
  }
  // Of the same person's row, which its caller has locked, nobody else writes these.
  const next =
    tx.dialect === 'sqlite'
      ? sql`NULL`
      : sql`nextval(pg_get_serial_sequence('identity_groups', 'seq'))`
  await tx.queries
    .insert(identityGroups)
    .select(
      sql`SELECT ${next}, news.* FROM (SELECT DISTINCT ${identities.id}, ${identities.provider}, ${groupId}, ${identities.userId} ${from} ${missing}) AS news`,
    )
  // One that is known already is looked at and left, so that sign-ins do not wait for one another.
  const knownKey = sql`${identities.provider} || ' ' || ${groupId}`
  await tx.queries
    .insert(knownGroups)
    .select(
      sql`SELECT ${knownKey}, ${identities.provider}, ${groupId}, max(${name}) ${from} AND NOT EXISTS (SELECT 1 FROM ${knownGroups} WHERE ${knownGroups.id} = ${knownKey} AND (${name} IS NULL OR ${knownGroups.name} = ${name})) GROUP BY ${identities.provider}, ${groupId} ORDER BY 1`,
    )
    .onConflictDoUpdate({
      target: knownGroups.id,
      set: { name: sql`coalesce(excluded.name, ${knownGroups.name})` },
    })
}
