import type { Reader } from '#db'
import { findCheckedPerson, findUserAndIdentity, type CheckedIdentityOfUser } from '#people'
import { findSessionRow, findSessionRows, type SessionRow } from './store.ts'

/** A session, whose it is, and the identity by which it came, whoever's that is now. */
export type SessionWithUser = CheckedIdentityOfUser & { session: SessionRow }

export async function findSession(reader: Reader, id: string): Promise<SessionWithUser | null> {
  const session = await findSessionRow(reader, id)
  const found = session && (await findUserAndIdentity(reader, session))
  return found && { session, ...found }
}

/** A person's sessions that were not revoked and came by identities that are theirs, the newest first. */
export async function findSessionsOf(reader: Reader, userId: string): Promise<SessionWithUser[]> {
  const person = await findCheckedPerson(reader, userId)
  if (person === null) return []
  const identities = new Map(person.identities.map((identity) => [identity.id, identity]))
  return (await findSessionRows(reader, userId)).flatMap((session) => {
    const identity = identities.get(session.identityId)
    return identity ? [{ session, identity, user: person.user }] : []
  })
}
