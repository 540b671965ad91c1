import { grantsOf } from '#access'
import type { Actor, RequestContext, UserActor } from '#context'
import type { AuthDeps } from './deps.ts'
import type { CachedSession } from './session-cache.ts'
import { findSession, touchSession, type SessionWithUser } from './store.ts'

const touchIntervalMs = 60_000

type AuthenticateContext = Pick<RequestContext, 'db' | 'now'>

/** Who the session cookie speaks for, with the grants of this moment; anonymous unless everything about it holds. */
export async function authenticate(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  cookie: string | undefined,
): Promise<Actor> {
  const idHash = cookie === undefined ? null : await deps.sessionCookie.open(cookie)
  if (idHash === null) return { type: 'anonymous' }
  const alive = await findAlive(ctx, deps, idHash)
  if (!alive) return { type: 'anonymous' }
  const now = ctx.now()
  if (now.getTime() - alive.found.session.lastSeenAt.getTime() >= touchIntervalMs) {
    await ctx.db.transaction((tx) => touchSession(tx, idHash, now))
    deps.sessionCache.drop(idHash)
  }
  return alive.actor
}

/** The same person with the grants of this moment, or null once the session has ended. It does not keep it alive. */
export async function reauthenticate(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  actor: UserActor,
): Promise<UserActor | null> {
  return (await findAlive(ctx, deps, actor.sessionId))?.actor ?? null
}

async function findAlive(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  idHash: string,
): Promise<CachedSession | null> {
  const now = ctx.now()
  const session = await deps.sessionCache.read(idHash, now, () => readSession(ctx, deps, idHash))
  return session && isAlive(session.found, deps, now) ? session : null
}

async function readSession(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  idHash: string,
): Promise<CachedSession | null> {
  const found = await findSession(ctx.db, idHash)
  if (!found) return null
  const { identity, user } = found
  const actor: UserActor = {
    type: 'user',
    userId: user.id,
    principal: identity.principal,
    displayName: user.displayName,
    email: user.email,
    provider: identity.provider,
    sessionId: idHash,
    grants: grantsOf(deps.config.grants, identity.principal),
    restingInstances: deps.restingInstances,
  }
  return { found, actor }
}

function isAlive({ identity, session, user }: SessionWithUser, deps: AuthDeps, now: Date): boolean {
  const idleMs = now.getTime() - session.lastSeenAt.getTime()
  return (
    session.revokedAt === null &&
    user.disabledAt === null &&
    now < session.expiresAt &&
    idleMs <= deps.config.session.idleSeconds * 1000 &&
    // A provider that is no longer enabled vouches for nobody.
    deps.providers.some((provider) => provider.id === identity.provider)
  )
}
