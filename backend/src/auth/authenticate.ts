import { grantsOf } from '#access'
import type { Actor, RequestContext, UserActor } from '#context'
import type { AuthDeps } from './deps.ts'
import { digestOf } from './digest.ts'
import { findSession, touchSession, type SessionWithUser } from './store.ts'

const touchIntervalMs = 60_000

type AuthenticateContext = Pick<RequestContext, 'db' | 'now'>

/** Who the session cookie speaks for, with the grants of this moment; anonymous unless everything about it holds. */
export async function authenticate(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  cookie: string | undefined,
): Promise<Actor> {
  const sessionId = cookie === undefined ? null : await deps.sessionCookie.open(cookie)
  if (sessionId === null) return { type: 'anonymous' }
  const idHash = digestOf(sessionId)
  const actor = await actorOf(ctx, deps, idHash)
  if (!actor) return { type: 'anonymous' }
  const { session } = actor
  if (ctx.now().getTime() - session.lastSeenAt.getTime() >= touchIntervalMs) {
    await ctx.db.transaction((tx) => touchSession(tx, idHash, ctx.now()))
  }
  return actor.actor
}

/** The same person with the grants of this moment, or null once the session has ended. It does not keep it alive. */
export async function reauthenticate(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  actor: UserActor,
): Promise<UserActor | null> {
  return (await actorOf(ctx, deps, actor.sessionId))?.actor ?? null
}

async function actorOf(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  idHash: string,
): Promise<{ actor: UserActor; session: SessionWithUser['session'] } | null> {
  const found = await findSession(ctx.db, idHash)
  if (!found || !isAlive(found, deps, ctx.now())) return null
  const { identity, session, user } = found
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
  return { actor, session }
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
