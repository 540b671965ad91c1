import {
  and,
  asc,
  count,
  countDistinct,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  or,
  sql,
  type SQL,
} from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'
import type { IdentityRow, JudgedIdentity } from '#users'
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

/** The lists of namespaces that grants and mappings name, those of most grants first. */
export async function findGrantedNamespaces(
  db: Database,
  limit: number,
): Promise<Pick<GrantRow, 'instanceId' | 'namespaces'>[]> {
  const { grants, groupMappings } = db.tables
  const { instanceId, namespaces } = grants
  const [held, mapped] = await Promise.all([
    db.read
      .select({ instanceId, namespaces })
      .from(grants)
      .where(and(isNotNull(namespaces), isNull(grants.endedAt)))
      .groupBy(instanceId, namespaces)
      .orderBy(desc(count()), asc(instanceId))
      .limit(limit),
    db.read
      .selectDistinct({
        instanceId: groupMappings.instanceId,
        namespaces: groupMappings.namespaces,
      })
      .from(groupMappings)
      .where(isNotNull(groupMappings.namespaces))
      .limit(limit),
  ])
  return [...held, ...mapped]
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

/** Identities that may be in a group: the id stands somewhere in what is kept of their groups. */
export async function findIdentitiesNaming(
  tx: Transaction,
  { groupId, provider }: Pick<MappingRow, 'provider' | 'groupId'>,
): Promise<IdentityRow[]> {
  const { identities } = tx.tables
  const pattern = `%${JSON.stringify(groupId).replaceAll(/[!%_]/g, '!$&')}%`
  return tx.queries
    .select()
    .from(identities)
    .where(
      and(
        eq(identities.provider, provider),
        isNotNull(identities.groups),
        sql`cast(${identities.groups} as text) like ${pattern} escape '!'`,
      ),
    )
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

/** The groups that identities name, most people first, then by name. */
export async function findKnownGroups(
  db: Database,
  { limit, provider, q }: { q?: string | undefined; provider?: string | undefined; limit: number },
): Promise<KnownGroupRow[]> {
  const { identities } = db.tables
  // A function in FROM sees the tables before it, on both databases.
  const members =
    db.dialect === 'sqlite'
      ? sql`json_each(${identities.groups}) AS member`
      : sql`jsonb_array_elements(${identities.groups}) AS member(value)`
  const id = sql<string>`member.value ->> 'id'`
  const name = sql<string | null>`max(member.value ->> 'name')`
  const people = countDistinct(identities.userId)
  return db.read
    .select({ provider: identities.provider, id, name, people })
    .from(identities)
    .innerJoin(members, sql`true`)
    .where(provider === undefined ? undefined : eq(identities.provider, provider))
    .groupBy(identities.provider, id)
    .having(q === undefined ? undefined : or(contains(id, q), contains(name, q)))
    .orderBy(desc(people), asc(sql`lower(coalesce(${name}, ${id}))`), asc(id))
    .limit(limit)
}

/** In whatever case, as far as the database knows letters; as it is written always. */
function contains(text: SQL, part: string) {
  const patternOf = (of: string) => `%${of.replaceAll(/[!%_]/g, '!$&')}%`
  return or(
    sql`lower(${text}) LIKE ${patternOf(part.toLowerCase())} ESCAPE '!'`,
    sql`${text} LIKE ${patternOf(part)} ESCAPE '!'`,
  )
}
