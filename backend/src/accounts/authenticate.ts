import { randomBytes } from 'node:crypto'
import { readGrants } from '#access'
import { emitAudit } from '#audit'
import type { Actor, Caller, RequestContext, UserActor } from '#context'
import {
  describeEnd,
  endSessions,
  findSession,
  isAlive,
  renewSession,
  touchSession,
  type CachedSession,
  type OpenedCookie,
  type SessionRow,
} from '#sessions'
import { digestOf } from '#secrets'
import type { AccountDeps } from './deps.ts'

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
 * that was replaced more than a moment ago, by one that is in use, means that two have the cookie: then the session ends.
 */
export async function authenticate(
  ctx: RequestContext,
  deps: AccountDeps,
  cookie: string | undefined,
  use: SessionUse,
): Promise<Authenticated> {
  const opened = cookie === undefined ? null : await deps.sessionCookie.open(cookie)
  if (opened === null) return nobody
  const now = ctx.now()
  let alive = await findAlive(ctx, deps, opened.id)
  if (alive && secretOf(alive.found.session, opened, now) !== 'current') {
    // It may have been renewed elsewhere since this was read.
    deps.sessionCache.drop(opened.id)
    alive = await findAlive(ctx, deps, opened.id)
  }
  if (!alive) return describeNobody(ctx, deps, opened)
  const { actor, found } = alive
  const { session } = found
  switch (secretOf(session, opened, now)) {
    case 'older':
      await endReused(ctx, alive)
      return nobody
    case 'previous':
      return { actor, renewed: null }
    case 'unanswered':
      return {
        actor,
        renewed: use === 'background' ? null : await renew(ctx, deps, session, opened),
      }
    case 'current': {
      const renewAfterMs = use === 'refresh' ? graceMs : deps.config.session.renewSeconds * 1000
      const isDue = now.getTime() - session.renewedAt.getTime() >= renewAfterMs
      if (isDue && use !== 'background') {
        return { actor, renewed: await renew(ctx, deps, session, opened) }
      }
      await touch(ctx, deps, session, use)
      return { actor, renewed: null }
    }
  }
}

/** The same caller with the grants of this moment, or null once what they presented has ended. It keeps no session alive. */
export async function reauthenticate(
  ctx: Pick<RequestContext, 'db' | 'now'>,
  deps: AccountDeps,
  actor: Caller,
): Promise<Caller | null> {
  if (actor.type !== 'user') return deps.bearers.reauthenticate(ctx, actor)
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

/**
 * What a cookie's secret is to its session. `unanswered` is the one before, where nobody has ever used the present one:
 * the answer that carried it was lost.
 */
function secretOf(
  session: SessionRow,
  { secretHash }: OpenedCookie,
  now: Date,
): 'current' | 'previous' | 'unanswered' | 'older' {
  if (secretHash === session.secretHash) return 'current'
  if (secretHash !== session.previousSecretHash) return 'older'
  if (now.getTime() - session.renewedAt.getTime() <= graceMs) return 'previous'
  return isUsed(session) ? 'older' : 'unanswered'
}

/** Whether anybody has shown the present secret: its first use is always recorded. */
function isUsed({ lastSeenAt, renewedAt }: SessionRow): boolean {
  return lastSeenAt > renewedAt
}

async function touch(
  ctx: RequestContext,
  deps: AccountDeps,
  session: SessionRow,
  use: SessionUse,
): Promise<void> {
  const { id, lastSeenAt, renewedAt } = session
  const now = ctx.now()
  const unseenMs = now.getTime() - lastSeenAt.getTime()
  const isPerson = use !== 'background'
  const isDue = isPerson && unseenMs >= (use === 'refresh' ? 1 : touchIntervalMs)
  if (!isDue && isUsed(session)) return
  // The first use shows even where it prolongs nothing.
  const firstUse = new Date(renewedAt.getTime() + 1)
  const seenAt = isPerson && now > firstUse ? now : firstUse
  await ctx.db.transaction((tx) => touchSession(tx, id, seenAt))
  deps.sessionCache.drop(id)
}

/** Of several requests that renew at once, on whichever replica, one does; its answer alone carries the new cookie. */
async function renew(
  ctx: RequestContext,
  deps: AccountDeps,
  session: SessionRow,
  shown: OpenedCookie,
): Promise<Authenticated['renewed']> {
  const { expiresAt, id, secretHash: replaced } = session
  const secret = randomBytes(32).toString('base64url')
  const isFirst = await ctx.db.transaction((tx) =>
    renewSession(tx, id, { replaced, shown: shown.secretHash, next: digestOf(secret) }, ctx.now()),
  )
  deps.sessionCache.drop(id)
  if (!isFirst) return null
  return { sessionCookie: await deps.sessionCookie.seal({ id, secret }, expiresAt), expiresAt }
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

/** Whoever shows the secret of a session that is over hears why; nobody else is told that there was one. */
async function describeNobody(
  ctx: RequestContext,
  deps: AccountDeps,
  opened: OpenedCookie,
): Promise<Authenticated> {
  const session = await readCached(ctx, deps, opened.id)
  const now = ctx.now()
  if (!session || secretOf(session.found.session, opened, now) === 'older') return nobody
  const ended = describeEnd(session.found, deps, now)
  return ended === null ? nobody : { actor: { type: 'anonymous', ended }, renewed: null }
}

function readCached(
  ctx: Pick<RequestContext, 'db' | 'now'>,
  deps: AccountDeps,
  id: string,
): Promise<CachedSession | null> {
  const at = { now: ctx.now(), db: ctx.db }
  return deps.sessionCache.read(id, at, () => readSession(ctx, deps, id))
}

async function findAlive(
  ctx: Pick<RequestContext, 'db' | 'now'>,
  deps: AccountDeps,
  id: string,
): Promise<CachedSession | null> {
  const isSessionAlive = (session: CachedSession | null) =>
    session !== null && isAlive(session.found, deps, ctx.now())
  let session = await readCached(ctx, deps, id)
  if (session && !isSessionAlive(session)) {
    // It may have been used elsewhere since this was read: that is not announced.
    deps.sessionCache.drop(id)
    session = await readCached(ctx, deps, id)
  }
  return isSessionAlive(session) ? session : null
}

async function readSession(
  ctx: Pick<RequestContext, 'db' | 'now'>,
  deps: AccountDeps,
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
    grants: await readGrants(
      ctx.db,
      deps,
      { principal: identity.principal, userId: user.id },
      ctx.now(),
    ),
    restingInstances: deps.restingInstances,
    keepsModels: deps.keepsModels,
  }
  return { found, actor }
}
