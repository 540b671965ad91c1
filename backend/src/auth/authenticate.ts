import { readGrants } from '#access'
import { emitAudit } from '#audit'
import type { Actor, Caller, RequestContext, UserActor } from '#context'
import type { AuthDeps } from './deps.ts'
import { digestOf } from './digest.ts'
import { isAlive } from './is-alive.ts'
import type { CachedSession } from './session-cache.ts'
import type { OpenedCookie } from './session-cookie.ts'
import { endSessions, findSession, renewSession, touchSession, type SessionRow } from './store.ts'

const touchIntervalMs = 60_000
/** For so long the secret before the present one is good: requests that were under way carry it. */
const graceMs = 60_000

/**
 * What a request says about the person: `person` for what they do, `refresh` where they ask to stay, `background` for
 * what goes on without them, which neither prolongs nor renews a session.
 */
export type SessionUse = 'person' | 'refresh' | 'background'

export type Authenticated = {
  actor: Actor
  /** The cookie to answer with, where the session has another secret now. */
  renewed: { sessionCookie: string; expiresAt: Date } | null
}

const nobody: Authenticated = { actor: { type: 'anonymous' }, renewed: null }

/**
 * Who the session cookie speaks for, with the grants of this moment; anonymous unless everything about it holds. A secret
 * that was replaced more than a moment ago means that two have the cookie: then the session ends.
 */
export async function authenticate(
  ctx: RequestContext,
  deps: AuthDeps,
  cookie: string | undefined,
  use: SessionUse,
): Promise<Authenticated> {
  const opened = cookie === undefined ? null : await deps.sessionCookie.open(cookie)
  if (opened === null) return nobody
  const now = ctx.now()
  let alive = await findAlive(ctx, deps, opened.id)
  if (alive && secretOf(alive.found.session, opened, now) === 'older') {
    // It may have been renewed elsewhere since this was read.
    deps.sessionCache.drop(opened.id)
    alive = await findAlive(ctx, deps, opened.id)
  }
  if (!alive) return nobody
  const { session } = alive.found
  const secret = secretOf(session, opened, now)
  if (secret === 'older') {
    await endReused(ctx, alive)
    return nobody
  }
  if (use === 'background') return { actor: alive.actor, renewed: null }
  if (secret === 'previous') {
    return { actor: alive.actor, renewed: await repeatRenewal(deps, opened, session) }
  }
  const renewAfterMs = use === 'refresh' ? graceMs : deps.config.session.renewSeconds * 1000
  if (now.getTime() - session.renewedAt.getTime() >= renewAfterMs) {
    return { actor: alive.actor, renewed: await renew(ctx, deps, opened) }
  }
  const unseenMs = now.getTime() - session.lastSeenAt.getTime()
  if (unseenMs >= touchIntervalMs || (use === 'refresh' && unseenMs > 0)) {
    await ctx.db.transaction((tx) => touchSession(tx, opened.id, now))
    deps.sessionCache.drop(opened.id)
  }
  return { actor: alive.actor, renewed: null }
}

/** The same caller with the grants of this moment, or null once what they presented has ended. It keeps no session alive. */
export async function reauthenticate(
  ctx: Pick<RequestContext, 'db' | 'now'>,
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

function secretOf(
  session: SessionRow,
  { secretHash }: OpenedCookie,
  now: Date,
): 'current' | 'previous' | 'older' {
  if (secretHash === session.secretHash) return 'current'
  const isInGrace = now.getTime() - session.renewedAt.getTime() <= graceMs
  return secretHash === session.previousSecretHash && isInGrace ? 'previous' : 'older'
}

/** Of several requests that renew at once, on whichever replica, one does; all answer with the same secret. */
async function renew(
  ctx: RequestContext,
  deps: AuthDeps,
  opened: OpenedCookie,
): Promise<Authenticated['renewed']> {
  const { id, secretHash } = opened
  const [next] = deps.sessionCookie.successorsOf(opened)
  const at = ctx.now()
  await ctx.db.transaction((tx) => renewSession(tx, id, secretHash, digestOf(next), at))
  deps.sessionCache.drop(id)
  const found = await findSession(ctx.db, id)
  return found ? repeatRenewal(deps, opened, found.session) : null
}

/** The cookie that replaced this one, for whom that answer may not have reached. */
async function repeatRenewal(
  deps: AuthDeps,
  opened: OpenedCookie,
  { expiresAt, secretHash }: SessionRow,
): Promise<Authenticated['renewed']> {
  const secret = deps.sessionCookie
    .successorsOf(opened)
    .find((successor) => digestOf(successor) === secretHash)
  if (secret === undefined) return null
  const sessionCookie = await deps.sessionCookie.seal({ id: opened.id, secret }, expiresAt)
  return { sessionCookie, expiresAt }
}

async function endReused(ctx: RequestContext, { actor }: CachedSession): Promise<void> {
  const { credential, principal, userId } = actor
  if (credential.type !== 'session') return
  const { id } = credential
  await ctx.db.transaction(async (tx) => {
    const ended = await endSessions(tx, { id }, ctx.now(), 'an old cookie was used')
    // Another replica may have seen the same at the same moment.
    if (ended.length === 0) return
    await emitAudit(tx, ctx, {
      action: 'session.reuse',
      outcome: 'denied',
      actor: { principal, userId },
      target: { session: id },
    })
  })
}

async function findAlive(
  ctx: Pick<RequestContext, 'db' | 'now'>,
  deps: AuthDeps,
  id: string,
): Promise<CachedSession | null> {
  const now = ctx.now()
  const session = await deps.sessionCache.read(id, now, () => readSession(ctx, deps, id))
  return session && isAlive(session.found, deps, now) ? session : null
}

async function readSession(
  ctx: Pick<RequestContext, 'db'>,
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
