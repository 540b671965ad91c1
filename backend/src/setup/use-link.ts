import { isAdministrator } from '#access'
import { emitAudit, recordAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { findByPrincipal, isIdentityEnabled, lockPerson } from '#people'
import { digestOf } from '#secrets'
import { openSession, type OpenedSession } from '#sessions'
import type { SetupDeps } from './deps.ts'
import { linkMinutes } from './make-link.ts'
import { useLink } from './store.ts'

/**
 * Signs the administrator in whom `admin:link` made the link for, once. The list of their sessions says how it began.
 * Throws `login-expired` for a link that is used, over, or of somebody who is no administrator any more.
 */
export async function openSessionByLink(
  ctx: RequestContext,
  deps: SetupDeps,
  code: string,
): Promise<OpenedSession> {
  const now = ctx.now()
  const { insert, ...opened } = await openSession(ctx, deps, now)
  // A code that is refused is used up nevertheless.
  const person = await ctx.db.transaction(async (tx) => {
    const principal = await useLink(tx, digestOf(code), now)
    const found = principal === null ? null : await findByPrincipal(tx, deps.config, principal)
    if (found === null || !(await lockPerson(tx, found.user.id))) return null
    const { identity, user } = found
    const target = { principal: identity.principal, userId: user.id }
    const { config, configured } = deps
    if (!isIdentityEnabled(identity, config)) return null
    const administrators = {
      configured,
      groupStaleSeconds: config.groupStaleSeconds,
      rules: config,
    }
    if (!(await isAdministrator(tx, administrators, target, now))) return null
    await insert(tx, {
      userId: user.id,
      identityId: identity.id,
      providerSessionId: null,
      idTokenSealed: null,
      authenticatedAt: now,
      userAgent: `Sign-in link (admin:link), ${ctx.userAgent ?? 'unknown'}`,
    })
    await emitAudit(tx, ctx, { action: 'auth.link', outcome: 'success', actor: target, target })
    return target
  })
  if (person === null) {
    await recordAudit(ctx, { action: 'auth.link', outcome: 'failure', reason: 'login-expired' })
    throw new AppError('login-expired', {
      detail: `This sign-in link was used before, is older than ${linkMinutes} minutes, or is not for an administrator of this hub. Make a new one on the server: bun run admin:link.`,
    })
  }
  return opened
}
