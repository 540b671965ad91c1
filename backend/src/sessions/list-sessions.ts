import type { RefreshedSession, Session, SessionList } from '@hub/shared'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh, requireUser, unauthenticated } from '#rbac'
import type { AuthDeps } from '../auth-deps.ts'
import { isAlive } from './is-alive.ts'
import { endSessions, findSession, findSessionsOf, type SessionWithUser } from './store.ts'

type SessionDeps = Pick<AuthDeps, 'config'>

/** The caller's own sessions. Throws `unauthenticated`, and `forbidden` for what is no browser session. */
export async function listSessions(ctx: RequestContext, deps: SessionDeps): Promise<SessionList> {
  const { id, userId } = requireSession(ctx)
  return { items: await sessionsOf(ctx, deps, userId, id) }
}

/** Ends one of the caller's sessions. Throws as `listSessions` does, and `not-found`. */
export async function revokeSession(ctx: RequestContext, id: string): Promise<void> {
  const { userId } = requireSession(ctx)
  await revoke(ctx, { id, userId }, 'revoked by its owner')
}

/** Ends the caller's sessions but the one that asks. Throws as `listSessions` does. */
export async function revokeOtherSessions(ctx: RequestContext): Promise<void> {
  const { id, userId } = requireSession(ctx)
  await revoke(ctx, { userId, exceptId: id }, 'revoked by its owner')
}

/** How long the session that asks lasts from now on; asking has prolonged it. Throws as `listSessions` does. */
export async function describeRefresh(
  ctx: RequestContext,
  { config }: SessionDeps,
): Promise<RefreshedSession> {
  const found = await findSession(ctx.db, requireSession(ctx).id)
  if (!found) throw unauthenticated()
  const leftMs = found.session.expiresAt.getTime() - ctx.now().getTime()
  return { expiresIn: Math.min(config.session.idleSeconds, Math.floor(leftMs / 1000)) }
}

/** Anybody's sessions, for administrators. Throws what `authorize` throws. */
export async function listSessionsOf(
  ctx: RequestContext,
  deps: SessionDeps,
  userId: string,
): Promise<SessionList> {
  authorize(ctx, 'user.manage', hubWide)
  const credential = ctx.actor.type === 'user' ? ctx.actor.credential : null
  const currentId = credential?.type === 'session' ? credential.id : null
  return { items: await sessionsOf(ctx, deps, userId, currentId) }
}

/** Ends one or all of a person's sessions, for administrators. Throws what `authorize` and `requireFresh` throw, and `not-found`. */
export async function revokeSessionsOf(
  ctx: RequestContext,
  selector: { userId: string; id?: string },
): Promise<void> {
  authorize(ctx, 'user.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  await revoke(ctx, selector, 'revoked by an administrator')
}

async function revoke(
  ctx: RequestContext,
  selector: { userId: string; id?: string; exceptId?: string },
  reason: string,
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { exceptId, id, userId } = selector
    const which =
      id !== undefined ? { id, userId } : exceptId !== undefined ? { userId, exceptId } : { userId }
    const ended = await endSessions(tx, which, ctx.now(), reason)
    if (id !== undefined && ended.length === 0) {
      throw new AppError('not-found', {
        detail: 'There is no such session: it has ended, or was never there.',
      })
    }
    if (ended.length === 0) return
    await emitAudit(tx, ctx, {
      action: 'session.revoke',
      outcome: 'success',
      target: { userId, sessions: ended },
      reason,
    })
  })
}

/** Sessions belong to browsers: a token neither lists nor ends them. */
function requireSession({ actor }: Pick<RequestContext, 'actor'>): { id: string; userId: string } {
  const { credential, userId } = requireUser(actor)
  if (credential.type === 'session') return { id: credential.id, userId }
  throw new AppError('forbidden', {
    detail: 'Sessions are seen and ended in the portal, by the person who signed in to it.',
  })
}

async function sessionsOf(
  ctx: RequestContext,
  deps: SessionDeps,
  userId: string,
  currentId: string | null,
): Promise<Session[]> {
  const found = await findSessionsOf(ctx.db, userId)
  const now = ctx.now()
  return found
    .filter((each) => isAlive(each, deps, now))
    .map((each) => presentSession(each, currentId))
}

function presentSession({ identity, session }: SessionWithUser, currentId: string | null): Session {
  return {
    id: session.id,
    isCurrent: session.id === currentId,
    provider: identity.provider,
    ip: session.ip,
    userAgent: session.userAgent,
    createdAt: session.createdAt.toISOString(),
    lastSeenAt: session.lastSeenAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  }
}
