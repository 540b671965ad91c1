import { and, desc, eq, gt, isNull } from 'drizzle-orm'
import type { ProvidersConfig } from '#config'
import type { Database, Tables, Transaction } from '#db'
import { identityColumns, isIdentityEnabled } from '#people'

export type CodePurpose = 'setup' | 'link'
export type PersonOfPrincipal = {
  identity: Tables['identities']['$inferSelect']
  user: Tables['users']['$inferSelect']
}

export async function insertCode(
  tx: Transaction,
  code: {
    codeHash: string
    purpose: CodePurpose
    principal: string | null
    createdAt: Date
    expiresAt: Date
  },
): Promise<void> {
  await tx.queries.insert(tx.tables.oneTimeCodes).values({ ...code, usedAt: null })
}

/**
 * Uses up all setup codes, those of other replicas too, and returns their hashes: of several people at once, one alone
 * gets any. It waits for whoever came first.
 */
export async function useSetupCodes(tx: Transaction, now: Date): Promise<string[]> {
  const { oneTimeCodes } = tx.tables
  const rows = await tx.queries
    .update(oneTimeCodes)
    .set({ usedAt: now })
    .where(
      and(
        eq(oneTimeCodes.purpose, 'setup'),
        isNull(oneTimeCodes.usedAt),
        gt(oneTimeCodes.expiresAt, now),
      ),
    )
    .returning({ codeHash: oneTimeCodes.codeHash })
  return rows.map(({ codeHash }) => codeHash)
}

/** Whom the link is for, the first time; null for one that is used, over, or none. */
export async function useLink(
  tx: Transaction,
  codeHash: string,
  now: Date,
): Promise<string | null> {
  const { oneTimeCodes } = tx.tables
  const rows = await tx.queries
    .update(oneTimeCodes)
    .set({ usedAt: now })
    .where(
      and(
        eq(oneTimeCodes.codeHash, codeHash),
        eq(oneTimeCodes.purpose, 'link'),
        isNull(oneTimeCodes.usedAt),
        gt(oneTimeCodes.expiresAt, now),
      ),
    )
    .returning({ principal: oneTimeCodes.principal })
  return rows[0]?.principal ?? null
}

export async function deleteCode(tx: Transaction, codeHash: string): Promise<void> {
  await tx.queries
    .delete(tx.tables.oneTimeCodes)
    .where(eq(tx.tables.oneTimeCodes.codeHash, codeHash))
}

/** Who has signed in under this principal: of one that counts, and the latest, where two issuers give the same. */
export async function findPerson(
  source: Database | Transaction,
  rules: ProvidersConfig,
  principal: string,
): Promise<PersonOfPrincipal | null> {
  const { identities, users } = source.tables
  const queries = 'read' in source ? source.read : source.queries
  const rows = await queries
    .select({ identity: identities, user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(eq(identities.principal, principal))
    .orderBy(desc(identities.lastSignInAt))
  return rows.find(({ identity }) => isIdentityEnabled(identity, rules)) ?? rows[0] ?? null
}

/** The principals of people that count. */
export async function findPrincipals(
  db: Database,
  rules: ProvidersConfig,
): Promise<{ userId: string; principal: string }[]> {
  const { identities } = db.tables
  const rows = await db.read.select(identityColumns(db.tables)).from(identities)
  return rows.filter((identity) => isIdentityEnabled(identity, rules))
}
