import { readGrants } from '#access'
import type { Actor, Caller, RequestContext, UserActor } from '#context'
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
  const opened = cookie === undefined ? null : await deps.sessionCookie.open(cookie)
  if (opened === null) return { type: 'anonymous' }
  const { id } = opened
  const alive = await findAlive(ctx, deps, id)
  if (alive?.found.session.secretHash !== opened.secretHash) return { type: 'anonymous' }
  const now = ctx.now()
  if (now.getTime() - alive.found.session.lastSeenAt.getTime() >= touchIntervalMs) {
    await ctx.db.transaction((tx) => touchSession(tx, id, now))
    deps.sessionCache.drop(id)
  }
  return alive.actor
}

/** The same caller with the grants of this moment, or null once what they presented has ended. It keeps no session alive. */
export async function reauthenticate(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  actor: Caller,
): Promise<Caller | null> {
  if (actor.type === 'service') return deps.bearers.reauthenticate(ctx, actor)
  switch (actor.credential.type) {
    case 'session':
      return (await findAlive(ctx, deps, actor.credential.id))?.actor ?? null
    case 'token':
    case 'jwt':
      return deps.bearers.reauthenticate(ctx, actor)
    case 'local':
      return actor
  }
}

async function findAlive(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  id: string,
): Promise<CachedSession | null> {
  const now = ctx.now()
  const session = await deps.sessionCache.read(id, now, () => readSession(ctx, deps, id))
  return session && isAlive(session.found, deps, now) ? session : null
}

async function readSession(
  ctx: AuthenticateContext,
  deps: AuthDeps,
  id: string,
): Promise<CachedSession | null> {
  const found = await findSession(ctx.db, id)
  if (!found) return null
  const { identity, session, user } = found
  const actor: UserActor = {
    type: 'user',
    userId: user.id,
    principal: identity.principal,
    displayName: user.displayName,
    email: user.email,
    provider: identity.provider,
    credential: { type: 'session', id: session.id, authenticatedAt: session.authenticatedAt },
    grants: await readGrants(ctx.db, deps.config.grants, {
      principal: identity.principal,
      userId: user.id,
    }),
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
