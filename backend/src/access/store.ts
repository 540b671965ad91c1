import { and, asc, count, eq, gt, inArray, isNotNull, isNull, lt, lte, max, sql } from 'drizzle-orm'
import type { Database, Reader, Tables, Transaction } from '#db'

export type GrantRow = Tables['grants']['$inferSelect']
export type MappingRow = Tables['groupMappings']['$inferSelect']

/** Whose grants: a person's or a program's. */
export type Grantee = { userId: string } | { servicePrincipalId: string }

/** How many rows a statement changes at once: databases limit its parameters. */
const batch = 500

function isOf({ grants }: Tables, grantee: Grantee) {
  return 'userId' in grantee
    ? eq(grants.userId, grantee.userId)
    : eq(grants.servicePrincipalId, grantee.servicePrincipalId)
}

export async function findGrantRows(reader: Reader, grantee: Grantee): Promise<GrantRow[]> {
  const { grants } = reader.tables
  return reader.read.select().from(grants).where(isOf(reader.tables, grantee))
}

/** Of people: those that make administrators. */
export async function findAdminGrants({ read, tables: { grants } }: Reader): Promise<GrantRow[]> {
  return read
    .select()
    .from(grants)
    .where(and(eq(grants.role, 'admin'), isNotNull(grants.userId)))
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
  scope: Pick<GrantRow, 'role' | 'instanceId' | 'namespaces' | 'limits'>,
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

export async function moveGrants(
  tx: Transaction,
  ids: readonly string[],
  userId: string,
): Promise<void> {
  const { grants } = tx.tables
  for (const part of batches(ids)) {
    await tx.queries.update(grants).set({ userId }).where(inArray(grants.id, part))
  }
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

export async function findMappings(reader: Reader): Promise<MappingRow[]> {
  return reader.read.select().from(reader.tables.groupMappings)
}

export async function findMapping(reader: Reader, id: string): Promise<MappingRow | null> {
  const { groupMappings } = reader.tables
  const rows = await reader.read.select().from(groupMappings).where(eq(groupMappings.id, id))
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
  reader: Reader,
  mappingIds: readonly string[],
): Promise<Map<string, number>> {
  if (mappingIds.length === 0) return new Map()
  const { grants } = reader.tables
  const rows = await reader.read
    .select({ id: grants.mappingId, people: count() })
    .from(grants)
    .where(inArray(grants.mappingId, [...mappingIds]))
    .groupBy(grants.mappingId)
  return new Map(rows.flatMap(({ id, people }) => (id === null ? [] : [[id, people]])))
}

export async function insertMapping(tx: Transaction, row: MappingRow): Promise<void> {
  await tx.queries.insert(tx.tables.groupMappings).values(row)
}

export async function findGroupsOfMappings(
  { read, tables: { groupMappings } }: Reader,
  ids: readonly string[],
): Promise<Pick<MappingRow, 'id' | 'provider' | 'groupId'>[]> {
  const { groupId, id, provider } = groupMappings
  return read
    .select({ id, provider, groupId })
    .from(groupMappings)
    .where(inArray(id, [...new Set(ids)]))
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
