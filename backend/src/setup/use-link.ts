import { randomBytes, randomUUID } from 'node:crypto'
import { isAdministrator } from '#access'
import { emitAudit, recordAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isIdentityEnabled, lockPerson } from '#people'
import type { AuthDeps } from '../auth-deps.ts'
import { digestOf } from '#secrets'
import { insertSession } from '#sessions'
import { linkMinutes } from './make-link.ts'
import { findPerson, useLink } from './store.ts'

/**
 * Signs the administrator in whom `admin:link` made the link for, once. The list of their sessions says how it began.
 * Throws `login-expired` for a link that is used, over, or of somebody who is no administrator any more.
 */
export async function openSessionByLink(
  ctx: RequestContext,
  deps: AuthDeps,
  code: string,
): Promise<{ sessionCookie: string; expiresAt: Date }> {
  const now = ctx.now()
  const session = { id: randomUUID(), secret: randomBytes(32).toString('base64url') }
  const expiresAt = new Date(now.getTime() + deps.config.session.absoluteSeconds * 1000)
  // A code that is refused is used up nevertheless.
  const person = await ctx.db.transaction(async (tx) => {
    const principal = await useLink(tx, digestOf(code), now)
    const found = principal === null ? null : await findPerson(tx, deps.config, principal)
    if (found === null || !(await lockPerson(tx, found.user.id))) return null
    const { identity, user } = found
    const target = { principal: identity.principal, userId: user.id }
    const { config } = deps
    if (!isIdentityEnabled(identity, config)) return null
    const administrators = { grants: config.grants, rules: config }
    if (!(await isAdministrator(tx, administrators, target, now))) return null
    await insertSession(tx, {
      id: session.id,
      secretHash: digestOf(session.secret),
      previousSecretHash: null,
      renewedAt: now,
      userId: user.id,
      identityId: identity.id,
      providerSessionId: null,
      idTokenSealed: null,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt,
      revokedAt: null,
      revokeReason: null,
      ip: ctx.ip,
      userAgent: `Sign-in link (admin:link), ${ctx.userAgent ?? 'unknown'}`.slice(0, 256),
    })
    await emitAudit(tx, ctx, { action: 'auth.link', outcome: 'success', actor: target, target })
    return target
  })
  if (person === null) {
    await recordAudit(ctx, { action: 'auth.link', outcome: 'failure', reason: 'login-expired' })
    throw new AppError('login-expired', {
      detail: `This sign-in link was used before, is older than ${linkMinutes} minutes, or is for nobody who administers this hub. Make a new one on the server: bun run admin:link.`,
    })
  }
  return { sessionCookie: await deps.sessionCookie.seal(session, expiresAt), expiresAt }
}
