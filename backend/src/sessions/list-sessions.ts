import type { RefreshedSession, Session, SessionList } from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, hubWide, unauthenticated } from '#rbac'
import type { SessionDeps } from './deps.ts'
import { findSession, findSessionsOf, type SessionWithUser } from './find-session.ts'
import { isAlive } from './is-alive.ts'
import { requireSession } from './require-session.ts'

/** The caller's own sessions. Throws `unauthenticated`, and `forbidden` for what is no browser session. */
export async function listSessions(
  ctx: RequestContext,
  deps: Pick<SessionDeps, 'config'>,
): Promise<SessionList> {
  const { id, userId } = requireSession(ctx)
  return { items: await sessionsOf(ctx, deps, userId, id) }
}

/** How long the session that asks lasts from now on; asking has prolonged it. Throws as `listSessions` does. */
export async function describeRefresh(
  ctx: RequestContext,
  { config }: Pick<SessionDeps, 'config'>,
): Promise<RefreshedSession> {
  const found = await findSession(ctx.db, requireSession(ctx).id)
  if (!found) throw unauthenticated()
  const leftMs = found.session.expiresAt.getTime() - ctx.now().getTime()
  return { expiresIn: Math.min(config.session.idleSeconds, Math.floor(leftMs / 1000)) }
}

/** Anybody's sessions, for administrators. Throws what `authorize` throws. */
export async function listSessionsOf(
  ctx: RequestContext,
  deps: Pick<SessionDeps, 'config'>,
  userId: string,
): Promise<SessionList> {
  authorize(ctx, 'user.manage', hubWide)
  const credential = ctx.actor.type === 'user' ? ctx.actor.credential : null
  const currentId = credential?.type === 'session' ? credential.id : null
  return { items: await sessionsOf(ctx, deps, userId, currentId) }
}

async function sessionsOf(
  ctx: RequestContext,
  deps: Pick<SessionDeps, 'config'>,
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
