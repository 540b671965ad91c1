import { and, eq } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'

export type InstanceRow = Tables['instances']['$inferSelect']

export async function selectInstances(db: Database): Promise<InstanceRow[]> {
  return db.read.select().from(db.tables.instances)
}

export async function findInstanceRow(
  db: Pick<Database, 'read' | 'tables'>,
  id: string,
): Promise<InstanceRow | undefined> {
  const { instances } = db.tables
  const rows = await db.read.select().from(instances).where(eq(instances.id, id))
  return rows[0]
}

/** Keeps the row that is there: two replicas may see a cluster first. */
export async function insertFirstSight(
  tx: Transaction,
  row: Pick<InstanceRow, 'id' | 'clusterUid' | 'firstSeenAt'>,
): Promise<void> {
  await tx.queries.insert(tx.tables.instances).values(row).onConflictDoNothing()
}

/** Nothing changes where meanwhile another one is recorded. */
export async function updateLearnt(
  tx: Transaction,
  id: string,
  identity: { from: string; to: string },
): Promise<void> {
  const { instances } = tx.tables
  await tx.queries
    .update(instances)
    .set({ clusterUid: identity.to })
    .where(and(eq(instances.id, id), eq(instances.clusterUid, identity.from)))
}

/** From now on this cluster stands behind the name. */
export async function updateConfirmed(
  tx: Transaction,
  id: string,
  confirmed: Pick<InstanceRow, 'clusterUid' | 'confirmedAt' | 'confirmedBy'>,
): Promise<void> {
  const { instances } = tx.tables
  await tx.queries.update(instances).set(confirmed).where(eq(instances.id, id))
}
