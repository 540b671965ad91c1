import { and, asc, desc, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type RevisionRow = Tables['deploymentRevisions']['$inferSelect']

/** Which of these there are, and which of them the hub itself made. */
export async function findRevisionIds(
  reader: Reader,
  ids: readonly string[],
): Promise<Map<string, { isByHub: boolean }>> {
  const { deploymentRevisions: table } = reader.tables
  const rows = await reader.read
    .select({ id: table.id, by: table.by })
    .from(table)
    .where(inArray(table.id, [...ids]))
  return new Map(rows.map(({ by, id }) => [id, { isByHub: by !== null }]))
}

/** Keeps what is there; who asked the hub for it is known better than what a watch tells. */
export async function putRevisions(tx: Transaction, rows: readonly RevisionRow[]): Promise<void> {
  const { deploymentRevisions: table } = tx.tables
  const byHub = rows.filter(({ by }) => by !== null)
  const seen = rows.filter(({ by }) => by === null)
  if (seen.length > 0) await tx.queries.insert(table).values(seen).onConflictDoNothing()
  if (byHub.length === 0) return
  await tx.queries
    .insert(table)
    .values(byHub)
    .onConflictDoUpdate({
      target: table.id,
      set: {
        by: sql`excluded.by`,
        byName: sql`excluded.by_name`,
        at: sql`excluded.at`,
        specSealed: sql`excluded.spec_sealed`,
      },
      setWhere: isNull(table.by),
    })
}

export async function findRevisions(
  reader: Reader,
  { clusterUid, deploymentUid }: Pick<RevisionRow, 'clusterUid' | 'deploymentUid'>,
  limit: number,
): Promise<RevisionRow[]> {
  const { deploymentRevisions: table } = reader.tables
  return reader.read
    .select()
    .from(table)
    .where(and(eq(table.deploymentUid, deploymentUid), eq(table.clusterUid, clusterUid)))
    .orderBy(desc(table.generation))
    .limit(limit)
}

export type KeptDeployment = Pick<RevisionRow, 'clusterUid' | 'deploymentUid'> & {
  count: number
  /** How many of these are marked as of a deployment that is gone. */
  gone: number
}

/** The deployments that there is something of, in the order of their uids. */
export async function findKeptDeployments(
  reader: Reader,
  { after, limit }: { after: string; limit: number },
): Promise<KeptDeployment[]> {
  const { deploymentRevisions: table } = reader.tables
  return reader.read
    .select({
      clusterUid: table.clusterUid,
      deploymentUid: table.deploymentUid,
      count: sql`count(*)`.mapWith(Number),
      gone: sql`count(${table.goneAt})`.mapWith(Number),
    })
    .from(table)
    .where(gt(table.deploymentUid, after))
    .groupBy(table.deploymentUid, table.clusterUid)
    .orderBy(asc(table.deploymentUid))
    .limit(limit)
}

/** Since when they are not there any more, where that is not said yet; null for those that are. */
export async function setGone(
  tx: Transaction,
  deploymentUids: readonly string[],
  goneAt: Date | null,
): Promise<void> {
  const { deploymentRevisions: table } = tx.tables
  await tx.queries
    .update(table)
    .set({ goneAt })
    .where(
      and(
        inArray(table.deploymentUid, [...deploymentUids]),
        goneAt === null ? undefined : isNull(table.goneAt),
      ),
    )
}

/** Leaves the latest of a deployment. */
export async function pruneRevisions(
  tx: Transaction,
  { clusterUid, deploymentUid }: Pick<RevisionRow, 'clusterUid' | 'deploymentUid'>,
  kept: number,
): Promise<void> {
  const { deploymentRevisions: table } = tx.tables
  const ofIt = and(eq(table.deploymentUid, deploymentUid), eq(table.clusterUid, clusterUid))
  const older = await tx.queries
    .select({ id: table.id })
    .from(table)
    .where(ofIt)
    .orderBy(desc(table.generation))
    .offset(kept)
    .limit(500)
  if (older.length === 0) return
  await tx.queries.delete(table).where(
    inArray(
      table.id,
      older.map(({ id }) => id),
    ),
  )
}

export async function deleteGoneRevisions(tx: Transaction, until: Date): Promise<void> {
  const { deploymentRevisions: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.id, at: table.goneAt }, until)
}
