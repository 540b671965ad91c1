import { eq } from 'drizzle-orm'
import type { Reader, Tables, Transaction } from '#db'

export type TemplateRow = Tables['deploymentTemplates']['$inferSelect']

export async function selectTemplates(reader: Reader): Promise<TemplateRow[]> {
  const { deploymentTemplates: table } = reader.tables
  return reader.read.select().from(table).orderBy(table.id)
}

export async function findTemplateRow(
  reader: Reader,
  id: string,
): Promise<TemplateRow | undefined> {
  const { deploymentTemplates: table } = reader.tables
  return (await reader.read.select().from(table).where(eq(table.id, id)))[0]
}

/** False where the id is taken. */
export async function insertTemplate(tx: Transaction, row: TemplateRow): Promise<boolean> {
  const { deploymentTemplates: table } = tx.tables
  const rows = await tx.queries
    .insert(table)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: table.id })
  return rows.length > 0
}

export async function updateTemplateRow(
  tx: Transaction,
  { id, ...set }: TemplateRow,
): Promise<void> {
  const { deploymentTemplates: table } = tx.tables
  await tx.queries.update(table).set(set).where(eq(table.id, id))
}

export async function deleteTemplateRow(tx: Transaction, id: string): Promise<void> {
  const { deploymentTemplates: table } = tx.tables
  await tx.queries.delete(table).where(eq(table.id, id))
}
