import { eq } from 'drizzle-orm'
import type { Database, Tables } from '#db'

export type GrantRow = Tables['grants']['$inferSelect']

/** Whose grants: a person's or a program's. */
export type Grantee = { userId: string } | { servicePrincipalId: string }

export async function findGrants(db: Database, grantee: Grantee): Promise<GrantRow[]> {
  const { grants } = db.tables
  return db.read
    .select()
    .from(grants)
    .where(
      'userId' in grantee
        ? eq(grants.userId, grantee.userId)
        : eq(grants.servicePrincipalId, grantee.servicePrincipalId),
    )
}
