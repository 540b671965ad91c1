import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { AppError } from '#errors'
import type { Database } from './database.ts'
import { isBusyFault } from './fault.ts'

const everyMs = 5_000

/**
 * Says whether the database can be written, by writing to it: a row that is there and gone again within one transaction.
 * However often it is asked, it looks every few seconds at most, and once at a time. A database that is busy can be written.
 */
export function createProof({
  read,
  tables,
  transaction,
}: Pick<Database, 'tables' | 'transaction'> & { read: () => Promise<void> }): () => Promise<void> {
  const { consumedLogins } = tables
  const idHash = `write-proof-${randomUUID()}`
  let latest: { at: number; outcome: Promise<void> } | null = null

  const prove = async () => {
    try {
      await transaction(async ({ queries }) => {
        await queries.insert(consumedLogins).values({ idHash, expiresAt: new Date() })
        await queries.delete(consumedLogins).where(eq(consumedLogins.idHash, idHash))
      })
    } catch (error) {
      if (!(error instanceof AppError) || !isBusyFault(error)) throw error
      await read()
    }
  }

  return () => {
    const now = performance.now()
    if (latest === null || now - latest.at > everyMs) {
      const outcome = prove()
      const proof = { at: now, outcome }
      latest = proof
      // What failed is looked at again with the next question.
      outcome.catch(() => {
        if (latest === proof) latest = null
      })
    }
    return latest.outcome
  }
}
