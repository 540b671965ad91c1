import {
  and,
  asc,
  count,
  countDistinct,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  max,
  or,
  sql,
  type SQLWrapper,
} from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'
import type { IdentityRow, JudgedIdentity } from '#people'
import type { MappingRow } from './plan-group-grants.ts'

export type GrantRow = Tables['grants']['$inferSelect']
export type ServicePrincipalRow = Tables['servicePrincipals']['$inferSelect']

/** Whose grants: a person's or a program's. */
export type Grantee = { userId: string } | { servicePrincipalId: string }

/** How many rows a statement changes at once: databases limit its parameters. */
const batch = 500

function readerOf(source: Database | Transaction) {
  return 'read' in source ? source.read : source.queries
}

function isOf({ grants }: Tables, grantee: Grantee) {
  return 'userId' in grantee
    ? eq(grants.userId, grantee.userId)
    : eq(grants.servicePrincipalId, grantee.servicePrincipalId)
}

export async function findGrantRows(
  source: Database | Transaction,
  grantee: Grantee,
): Promise<GrantRow[]> {
  const { grants } = source.tables
  return readerOf(source).select().from(grants).where(isOf(source.tables, grantee))
}

/** The ways in of a person, without the groups: a hundred kilobytes, at times. */
export async function findIdentities(
  source: Database | Transaction,
  userId: string,
): Promise<(JudgedIdentity & { userId: string })[]> {
  const { identities } = source.tables
  return readerOf(source)
    .select({
      userId: identities.userId,
      provider: identities.provider,
      issuer: identities.issuer,
      principal: identities.principal,
      email: identities.email,
      admission: identities.admission,
      withdrawnAt: identities.withdrawnAt,
      withdrawnReason: identities.withdrawnReason,
    })
    .from(identities)
    .where(eq(identities.userId, userId))
}

export async function insertGrant(tx: Transaction, grant: GrantRow): Promise<void> {
  await tx.queries.insert(tx.tables.grants).values(grant)
}

export async function insertGrants(tx: Transaction, rows: readonly GrantRow[]): Promise<void> {
  for (const part of batches(rows)) await tx.queries.insert(tx.tables.grants).values(part)
}

export async function updateGrantScopes(
  tx: Transaction,
  ids: readonly string[],
  scope: Pick<GrantRow, 'role' | 'instanceId' | 'namespaces'>,
): Promise<void> {
  const { grants } = tx.tables
  for (const part of batches(ids)) {
    await tx.queries.update(grants).set(scope).where(inArray(grants.id, part))
  }
}

export async function deleteGrants(tx: Transaction, ids: readonly string[]): Promise<void> {
  const { grants } = tx.tables
  for (const part of batches(ids)) await tx.queries.delete(grants).where(inArray(grants.id, part))
}

/** Those whose end has come and that nobody has noted yet, the earliest first. */
export async function findDueGrants(db: Database, now: Date, limit: number): Promise<GrantRow[]> {
  const { grants } = db.tables
  return db.read
    .select()
    .from(grants)
    .where(and(lte(grants.endsAt, now), isNull(grants.endedAt)))
    .orderBy(asc(grants.endsAt), asc(grants.id))
    .limit(limit)
}

/** False where somebody else noted it first, or it ends later since. */
export async function endGrant(tx: Transaction, id: string, endedAt: Date): Promise<boolean> {
  const { grants } = tx.tables
  const rows = await tx.queries
    .update(grants)
    .set({ endedAt })
    .where(and(eq(grants.id, id), lte(grants.endsAt, endedAt), isNull(grants.endedAt)))
    .returning({ id: grants.id })
  return rows.length === 1
}

export async function findLongEndedGrants(
  db: Database,
  before: Date,
  limit: number,
): Promise<string[]> {
  const { grants } = db.tables
  const rows = await db.read
    .select({ id: grants.id })
    .from(grants)
    .where(lt(grants.endedAt, before))
    .limit(limit)
  return rows.map(({ id }) => id)
}

/** Every grant is of one person or one program. */
export function granteeOf({
  servicePrincipalId,
  userId,
}: Pick<GrantRow, 'userId' | 'servicePrincipalId'>): Grantee {
  if (userId !== null) return { userId }
  if (servicePrincipalId !== null) return { servicePrincipalId }
  throw new Error('a grant is of nobody')
}

function* batches<T>(rows: readonly T[]): Generator<T[]> {
  for (let start = 0; start < rows.length; start += batch) yield rows.slice(start, start + batch)
}

/** How many grants a statement looks at. */
const grantsReadAtOnce = 500

/** The lists of namespaces that grants and mappings name, those of most grants first. */
export async function findGrantedNamespaces(
  db: Database,
  limit: number,
): Promise<Pick<GrantRow, 'instanceId' | 'namespaces'>[]> {
  const { groupMappings } = db.tables
  const mapped = await db.read
    .selectDistinct({ instanceId: groupMappings.instanceId, namespaces: groupMappings.namespaces })
    .from(groupMappings)
    .where(isNotNull(groupMappings.namespaces))
    .limit(limit)
  return [...(await countGrantedNamespaces(db)).slice(0, limit), ...mapped]
}

async function countGrantedNamespaces(
  db: Database,
): Promise<Pick<GrantRow, 'instanceId' | 'namespaces'>[]> {
  const { grants } = db.tables
  const counted = new Map<
    string,
    Pick<GrantRow, 'instanceId' | 'namespaces'> & { grants: number }
  >()
  for (let after = ''; ;) {
    const some = db.read
      .select({
        id: grants.id,
        instanceId: grants.instanceId,
        namespaces: grants.namespaces,
        endedAt: grants.endedAt,
      })
      .from(grants)
      .where(gt(grants.id, after))
      .orderBy(asc(grants.id))
      .limit(grantsReadAtOnce)
      .as('some')
    const last = (await db.read.select({ id: max(some.id) }).from(some))[0]?.id
    if (!last) break
    const rows = await db.read
      .select({ instanceId: some.instanceId, namespaces: some.namespaces, grants: count() })
      .from(some)
      .where(and(isNotNull(some.namespaces), isNull(some.endedAt)))
      .groupBy(some.instanceId, some.namespaces)
    for (const row of rows) {
      const key = JSON.stringify([row.instanceId, row.namespaces])
      const known = counted.get(key)
      if (known) known.grants += row.grants
      else counted.set(key, row)
    }
    after = last
  }
  return [...counted]
    .toSorted(([a, one], [b, other]) => other.grants - one.grants || (a < b ? -1 : 1))
    .map(([, { instanceId, namespaces }]) => ({ instanceId, namespaces }))
}

export async function findMappings(source: Database | Transaction): Promise<MappingRow[]> {
  return readerOf(source).select().from(source.tables.groupMappings)
}

export async function findMapping(
  source: Database | Transaction,
  id: string,
): Promise<MappingRow | null> {
  const { groupMappings } = source.tables
  const rows = await readerOf(source).select().from(groupMappings).where(eq(groupMappings.id, id))
  return rows[0] ?? null
}

/** What one group is given. */
export async function findMappingsOfGroup(
  tx: Transaction,
  group: Pick<MappingRow, 'provider' | 'groupId'>,
): Promise<MappingRow[]> {
  const { groupMappings } = tx.tables
  return tx.queries
    .select()
    .from(groupMappings)
    .where(
      and(eq(groupMappings.provider, group.provider), eq(groupMappings.groupId, group.groupId)),
    )
}

/** A page, its last row's successors left out, in the order of provider, group and id. */
export async function findMappingPage(
  db: Database,
  { after, limit }: { after: string[] | null; limit: number },
): Promise<{ rows: MappingRow[]; total: number; hasMore: boolean }> {
  const { groupMappings: table } = db.tables
  const beyond =
    after === null
      ? undefined
      : sql`(${table.provider}, ${table.groupId}, ${table.id}) > (${after[0]}, ${after[1]}, ${after[2]})`
  const [rows, total] = await Promise.all([
    db.read
      .select()
      .from(table)
      .where(beyond)
      .orderBy(asc(table.provider), asc(table.groupId), asc(table.id))
      .limit(limit + 1),
    db.read.$count(table),
  ])
  return { rows: rows.slice(0, limit), total, hasMore: rows.length > limit }
}

/** How many people hold a grant of each mapping. */
export async function countPeople(
  source: Database | Transaction,
  mappingIds: readonly string[],
): Promise<Map<string, number>> {
  if (mappingIds.length === 0) return new Map()
  const { grants } = source.tables
  const rows = await readerOf(source)
    .select({ id: grants.mappingId, people: count() })
    .from(grants)
    .where(inArray(grants.mappingId, [...mappingIds]))
    .groupBy(grants.mappingId)
  return new Map(rows.flatMap(({ id, people }) => (id === null ? [] : [[id, people]])))
}

export async function insertMapping(tx: Transaction, row: MappingRow): Promise<void> {
  await tx.queries.insert(tx.tables.groupMappings).values(row)
}

export async function updateMapping(tx: Transaction, row: MappingRow): Promise<void> {
  const { groupMappings } = tx.tables
  await tx.queries.update(groupMappings).set(row).where(eq(groupMappings.id, row.id))
}

export async function deleteMappingRow(tx: Transaction, id: string): Promise<void> {
  const { groupMappings } = tx.tables
  await tx.queries.delete(groupMappings).where(eq(groupMappings.id, id))
}

export async function findGrantsOfMapping(tx: Transaction, mappingId: string): Promise<GrantRow[]> {
  const { grants } = tx.tables
  return tx.queries.select().from(grants).where(eq(grants.mappingId, mappingId))
}

/** How many rows a statement reads that looks at many. */
const readAtOnce = 200

/** The identities that are in a group, some at a time: there may be everybody in it. */
export async function* findIdentitiesNaming(
  tx: Transaction,
  { groupId, provider }: Pick<MappingRow, 'provider' | 'groupId'>,
): AsyncGenerator<IdentityRow[]> {
  const { identities, identityGroups } = tx.tables
  for (let after = 0; ;) {
    const rows = await tx.queries
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

export async function findServicePrincipalPage(
  db: Database,
  { after, limit }: { after: string[] | null; limit: number },
): Promise<{ rows: ServicePrincipalRow[]; total: number; hasMore: boolean }> {
  const { servicePrincipals: table } = db.tables
  const [rows, total] = await Promise.all([
    db.read
      .select()
      .from(table)
      .where(after === null ? undefined : gt(table.principal, after[0]!))
      .orderBy(asc(table.principal))
      .limit(limit + 1),
    db.read.$count(table),
  ])
  return { rows: rows.slice(0, limit), total, hasMore: rows.length > limit }
}

export async function findServicePrincipal(
  source: Database | Transaction,
  id: string,
): Promise<ServicePrincipalRow | null> {
  const { servicePrincipals } = source.tables
  const rows = await readerOf(source)
    .select()
    .from(servicePrincipals)
    .where(eq(servicePrincipals.id, id))
  return rows[0] ?? null
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
      : or(contains(knownGroups.groupId, q), contains(knownGroups.name, q))
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

/** In whatever case, as far as the database knows letters; as it is written always. */
function contains(text: SQLWrapper, part: string) {
  const patternOf = (of: string) => `%${of.replaceAll(/[!%_]/g, '!$&')}%`
  return or(
    sql`lower(${text}) LIKE ${patternOf(part.toLowerCase())} ESCAPE '!'`,
    sql`${text} LIKE ${patternOf(part)} ESCAPE '!'`,
  )
}
