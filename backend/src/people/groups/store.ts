import {
  and,
  asc,
  countDistinct,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lte,
  or,
  sql,
} from 'drizzle-orm'
import { containsText, type Database, type Reader, type Transaction } from '#db'
import { identityColumns } from '../identities/store.ts'
import type { CheckedIdentity, IdentityRow } from '../rows.ts'

/** What a look-up begins with; the groups themselves can be a hundred kilobytes. */
export type DueIdentity = Pick<IdentityRow, 'tokensSealed' | 'lastSignInAt' | 'isAsking'> &
  CheckedIdentity

function isDue({ identities }: Database['tables'], before: Date) {
  return and(
    or(isNull(identities.groupsAskedAt), lte(identities.groupsAskedAt, before)),
    or(isNotNull(identities.tokensSealed), isNotNull(identities.groups)),
  )
}

/** Those of enabled people that may give something by their groups, and were last asked for before that time. */
export async function findDueIdentities(
  db: Database,
  before: Date,
  limit: number,
): Promise<string[]> {
  const { identities, users } = db.tables
  const rows = await db.read
    .select({ id: identities.id })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(and(isDue(db.tables, before), isNull(users.disabledAt)))
    .orderBy(asc(identities.groupsAskedAt), asc(identities.id))
    .limit(limit)
  return rows.map(({ id }) => id)
}

/**
 * What to ask with, as it is now: a token that was read before may be another since. Null where another replica was first,
 * or the person signed in meanwhile. `isAsking` says of what is given back whether somebody had set out before and nothing
 * came of it.
 */
export async function claimIdentity(
  tx: Transaction,
  id: string,
  before: Date,
  now: Date,
): Promise<DueIdentity | null> {
  const { identities } = tx.tables
  const key = and(eq(identities.id, id), isDue(tx.tables, before))
  const { isAsking, lastSignInAt, tokensSealed } = identities
  const [found] = await tx.queries
    .select({ ...identityColumns(tx.tables), isAsking, lastSignInAt, tokensSealed })
    .from(identities)
    .where(key)
  if (!found) return null
  const sealed = found.tokensSealed
  const rows = await tx.queries
    .update(identities)
    .set({ groupsAskedAt: now, isAsking: true })
    .where(
      and(
        key,
        eq(isAsking, found.isAsking),
        sealed === null ? isNull(tokensSealed) : eq(tokensSealed, sealed),
      ),
    )
    .returning({ id: identities.id })
  return rows.length === 1 ? found : null
}

/** What a look-up may write of an identity. */
export type SyncedGroups = Partial<
  Pick<
    IdentityRow,
    | 'groups'
    | 'groupsState'
    | 'groupsSyncedAt'
    | 'groupsDropped'
    | 'isAsking'
    | 'tokensSealed'
    | 'admission'
    | 'withdrawnAt'
    | 'withdrawnReason'
  >
>

export async function updateSynced(
  tx: Transaction,
  id: string,
  synced: SyncedGroups,
): Promise<void> {
  const { identities } = tx.tables
  await tx.queries.update(identities).set(synced).where(eq(identities.id, id))
}

/** Of these identities, those that something is kept of. */
export async function findKeptTokens(
  { read, tables: { identities } }: Reader,
  ids: readonly string[],
): Promise<{ id: string; tokensSealed: string }[]> {
  const { id, tokensSealed } = identities
  const rows = await read
    .select({ id, tokensSealed })
    .from(identities)
    .where(inArray(id, [...ids]))
  return rows.flatMap((row) =>
    row.tokensSealed === null ? [] : [{ id: row.id, tokensSealed: row.tokensSealed }],
  )
}

/** Unless they are others since. */
export async function forgetTokens(
  tx: Transaction,
  kept: { id: string; tokensSealed: string },
): Promise<void> {
  const { identities } = tx.tables
  await tx.queries
    .update(identities)
    .set({ tokensSealed: null })
    .where(and(eq(identities.id, kept.id), eq(identities.tokensSealed, kept.tokensSealed)))
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

/** How many rows a statement reads that looks at many. */
const readAtOnce = 200

/** The identities that are in a group, some at a time: there may be everybody in it. */
export async function* findIdentitiesNaming(
  reader: Reader,
  { groupId, provider }: { provider: string; groupId: string },
): AsyncGenerator<IdentityRow[]> {
  const { identities, identityGroups } = reader.tables
  for (let after = 0; ;) {
    const rows = await reader.read
      .select({ seq: identityGroups.seq, identity: identities })
      .from(identityGroups)
      .innerJoin(identities, eq(identities.id, identityGroups.identityId))
      .where(
        and(
          eq(identityGroups.provider, provider),
          eq(identityGroups.groupId, groupId),
          gt(identityGroups.seq, after),
        ),
      )
      .orderBy(asc(identityGroups.seq))
      .limit(readAtOnce)
    yield rows.map(({ identity }) => identity)
    if (rows.length < readAtOnce) return
    after = rows.at(-1)!.seq
  }
}

/** An identity in a group, and what says whether the group counts; not the others it is in, which may be a thousand. */
export type Membership = {
  groupId: string
  identity: CheckedIdentity & Pick<IdentityRow, 'createdAt' | 'groupsState' | 'groupsSyncedAt'>
}

/** Every group that the person's identities name. */
export async function findMemberships(reader: Reader, userId: string): Promise<Membership[]> {
  const { identities, identityGroups } = reader.tables
  const { createdAt, groupsState, groupsSyncedAt } = identities
  return reader.read
    .select({
      groupId: identityGroups.groupId,
      identity: { ...identityColumns(reader.tables), createdAt, groupsState, groupsSyncedAt },
    })
    .from(identities)
    .innerJoin(identityGroups, eq(identityGroups.identityId, identities.id))
    .where(eq(identities.userId, userId))
}

/** How many people are in a group by an identity whose groups are known, or were at that time. */
export async function countMembers(
  reader: Reader,
  { groupId, provider }: { provider: string; groupId: string },
  knownSince: Date,
): Promise<number> {
  const { identities, identityGroups } = reader.tables
  const { createdAt, groupsState, groupsSyncedAt } = identities
  const wasKnown = or(
    gte(groupsSyncedAt, knownSince),
    and(isNull(groupsSyncedAt), gte(createdAt, knownSince)),
  )
  const [row] = await reader.read
    .select({ people: countDistinct(identityGroups.userId) })
    .from(identityGroups)
    .innerJoin(identities, eq(identities.id, identityGroups.identityId))
    .where(
      and(
        eq(identityGroups.provider, provider),
        eq(identityGroups.groupId, groupId),
        or(eq(groupsState, 'fresh'), and(eq(groupsState, 'stale'), wasKnown)),
      ),
    )
  return row?.people ?? 0
}

export type KnownGroupRow = { provider: string; id: string; name: string | null; people: number }

/** How many groups a statement counts the people of. */
const groupsCountedAtOnce = 50

/** The groups that identities name, most people first, then by name. Counted when asked: nobody waits for it who signs in. */
export async function findKnownGroups(
  db: Database,
  { limit, provider, q }: { q?: string | undefined; provider?: string | undefined; limit: number },
): Promise<KnownGroupRow[]> {
  const { identityGroups, knownGroups } = db.tables
  const ofProvider = provider === undefined ? undefined : eq(knownGroups.provider, provider)
  const isNamed =
    q === undefined
      ? undefined
      : or(containsText(knownGroups.groupId, q), containsText(knownGroups.name, q))
  let found: KnownGroupRow[] = []
  for (let after = ''; ;) {
    const some = await db.read
      .select()
      .from(knownGroups)
      .where(and(ofProvider, isNamed, gt(knownGroups.id, after)))
      .orderBy(asc(knownGroups.id))
      .limit(groupsCountedAtOnce)
    if (some.length > 0) {
      const counted = await db.read
        .select({
          provider: identityGroups.provider,
          id: identityGroups.groupId,
          people: countDistinct(identityGroups.userId),
        })
        .from(identityGroups)
        .where(
          inArray(
            identityGroups.groupId,
            some.map(({ groupId }) => groupId),
          ),
        )
        .groupBy(identityGroups.provider, identityGroups.groupId)
      const people = new Map(counted.map((row) => [`${row.provider} ${row.id}`, row.people]))
      const rows = some.map(({ groupId, id, ...group }) => ({
        id: groupId,
        name: group.name,
        provider: group.provider,
        people: people.get(id) ?? 0,
      }))
      found = [...found, ...rows.filter((row) => row.people > 0)]
        .toSorted(compareGroups)
        .slice(0, limit)
    }
    if (some.length < groupsCountedAtOnce) return found
    after = some.at(-1)!.id
  }
}

function compareGroups(a: KnownGroupRow, b: KnownGroupRow): number {
  const nameOf = ({ id, name }: KnownGroupRow) => `${(name ?? id).toLowerCase()} ${id}`
  return b.people - a.people || (nameOf(a) < nameOf(b) ? -1 : 1)
}
