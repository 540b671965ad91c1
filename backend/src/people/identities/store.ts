import { and, asc, desc, eq, inArray, or } from 'drizzle-orm'
import type { Reader, Tables, Transaction } from '#db'
import type {
  CheckedIdentity,
  CheckedIdentityOfUser,
  CheckedPerson,
  IdentityRow,
  IdentityWithUser,
} from '../rows.ts'

export function identityColumns({ identities }: Tables) {
  const { id, issuer, principal, provider, subject, userId } = identities
  const { admission, email, withdrawnAt, withdrawnReason } = identities
  return {
    id,
    issuer,
    principal,
    provider,
    subject,
    userId,
    admission,
    email,
    withdrawnAt,
    withdrawnReason,
  }
}

export async function findCheckedPerson(
  { read, tables }: Reader,
  userId: string,
): Promise<CheckedPerson | null> {
  const { identities, users } = tables
  const rows = await read
    .select({ identity: identityColumns(tables), user: users })
    .from(users)
    .innerJoin(identities, eq(identities.userId, users.id))
    .where(eq(users.id, userId))
    .orderBy(desc(identities.lastSignInAt))
  const [first] = rows
  return first ? { user: first.user, identities: rows.map(({ identity }) => identity) } : null
}

/** The two that something was of then: the identity may be another person's since. */
export async function findUserAndIdentity(
  { read, tables }: Reader,
  ids: { userId: string; identityId: string },
): Promise<CheckedIdentityOfUser | null> {
  const { identities, users } = tables
  const rows = await read
    .select({ identity: identityColumns(tables), user: users })
    .from(users)
    .innerJoin(identities, eq(identities.id, ids.identityId))
    .where(eq(users.id, ids.userId))
  return rows[0] ?? null
}

/** An identity with whose it is now. */
export async function findCheckedIdentity(
  { read, tables }: Reader,
  id: string,
): Promise<CheckedIdentityOfUser | null> {
  const { identities, users } = tables
  const rows = await read
    .select({ identity: identityColumns(tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(eq(identities.id, id))
  return rows[0] ?? null
}

/** Whom an issuer's subject stands for; `principal` where a provider knows people by something else than the subject. */
export async function findIdentitiesOfSubject(
  { read, tables }: Reader,
  issuer: string,
  key: { subject: string; principal: string | null },
): Promise<CheckedIdentityOfUser[]> {
  const { identities, users } = tables
  const { principal, subject } = key
  return read
    .select({ identity: identityColumns(tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(
      and(
        eq(identities.issuer, issuer),
        or(
          eq(identities.subject, subject),
          ...(principal === null ? [] : [eq(identities.principal, principal)]),
        ),
      ),
    )
}

/** Those of an issuer: of one subject, or of some identities. */
export async function findIdentityIds(
  { read, tables: { identities } }: Reader,
  { issuer, ...of }: { issuer: string } & ({ subject: string } | { ids: readonly string[] }),
): Promise<string[]> {
  const rows = await read
    .select({ id: identities.id })
    .from(identities)
    .where(
      and(
        eq(identities.issuer, issuer),
        'subject' in of ? eq(identities.subject, of.subject) : inArray(identities.id, [...of.ids]),
      ),
    )
  return rows.map(({ id }) => id)
}

/** Who has signed in under a principal, the latest first: two issuers may give the same. */
export async function findWithPrincipal(
  { read, tables }: Reader,
  principal: string,
): Promise<CheckedIdentityOfUser[]> {
  const { identities, users } = tables
  return read
    .select({ identity: identityColumns(tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(eq(identities.principal, principal))
    .orderBy(desc(identities.lastSignInAt))
}

export async function findAllIdentities({ read, tables }: Reader): Promise<CheckedIdentity[]> {
  return read.select(identityColumns(tables)).from(tables.identities)
}

export async function findIdentity(
  tx: Transaction,
  key: Pick<IdentityRow, 'provider' | 'issuer' | 'subject'>,
): Promise<IdentityWithUser | undefined> {
  const { identities, users } = tx.tables
  const rows = await tx.queries
    .select({ identity: identities, user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(
      and(
        eq(identities.provider, key.provider),
        eq(identities.issuer, key.issuer),
        eq(identities.subject, key.subject),
      ),
    )
  return rows[0]
}

export async function findIdentityById(reader: Reader, id: string): Promise<IdentityRow | null> {
  const { identities } = reader.tables
  return (await reader.read.select().from(identities).where(eq(identities.id, id)))[0] ?? null
}

export async function findByPrincipals(
  reader: Reader,
  principals: readonly string[],
): Promise<(CheckedIdentity & { userDisabledAt: Date | null })[]> {
  if (principals.length === 0) return []
  const { identities, users } = reader.tables
  return reader.read
    .select({ ...identityColumns(reader.tables), userDisabledAt: users.disabledAt })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(inArray(identities.principal, [...principals]))
}

/** What those with one of these principals are called, whoever signed in last where several have the same. */
export async function findNamesOfPeople(
  { read, tables: { identities, users } }: Reader,
  principals: readonly string[],
): Promise<{ principal: string; displayName: string }[]> {
  return read
    .select({ principal: identities.principal, displayName: users.displayName })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(inArray(identities.principal, [...principals]))
    .orderBy(asc(identities.lastSignInAt))
}

export async function moveIdentity(tx: Transaction, id: string, userId: string): Promise<void> {
  const { identities } = tx.tables
  await tx.queries.update(identities).set({ userId }).where(eq(identities.id, id))
}
