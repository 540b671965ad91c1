import { randomBytes, randomUUID } from 'node:crypto'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { digestOf } from '#secrets'
import type { SessionDeps } from './deps.ts'
import { insertSession, type SessionRow } from './store.ts'

export type OpenedSession = { sessionCookie: string; expiresAt: Date }

type Origin = Pick<
  SessionRow,
  'userId' | 'identityId' | 'providerSessionId' | 'idTokenSealed' | 'authenticatedAt' | 'userAgent'
>

/** A session to come, with its cookie. `insert` belongs into the transaction that decides that there is one. */
export async function openSession(
  ctx: Pick<RequestContext, 'ip'>,
  {
    config,
    sessionCookie,
  }: Pick<SessionDeps, 'sessionCookie'> & { config: Pick<SessionDeps['config'], 'session'> },
  now: Date,
): Promise<OpenedSession & { insert(tx: Transaction, origin: Origin): Promise<void> }> {
  const id = randomUUID()
  const secret = randomBytes(32).toString('base64url')
  const expiresAt = new Date(now.getTime() + config.session.absoluteSeconds * 1000)
  return {
    sessionCookie: await sessionCookie.seal({ id, secret }, expiresAt),
    expiresAt,
    insert: (tx, { userAgent, ...origin }) =>
      insertSession(tx, {
        id,
        secretHash: digestOf(secret),
        previousSecretHash: null,
        renewedAt: now,
        ...origin,
        createdAt: now,
        lastSeenAt: now,
        expiresAt,
        revokedAt: null,
        revokeReason: null,
        ip: ctx.ip,
        userAgent: userAgent?.slice(0, 256) ?? null,
      }),
  }
}
