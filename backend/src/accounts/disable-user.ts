import type { User } from '@hub/shared'
import { hasOtherAdministrator, isLastingAdministrator } from '#access'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { findPerson, getUser, setDisabled, userNotFound } from '#people'
import { authorize, hubWide, requireFresh } from '#rbac'
import type { PersonDeps } from './deps.ts'
import { endAccess } from './end-access.ts'

/**
 * Keeps a person out: sessions, streams and API tokens end, on every replica, and no sign-in succeeds.
 * Throws what `authorize` and `requireFresh` throw, `not-found`, and `conflict` for oneself and the last administrator.
 */
export async function disableUser(
  ctx: RequestContext,
  deps: PersonDeps,
  id: string,
): Promise<User> {
  authorize(ctx, 'user.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  const { actor } = ctx
  if (actor.type === 'user' && actor.userId === id) {
    throw new AppError('conflict', {
      detail: 'You cannot disable yourself. Ask another administrator.',
    })
  }
  await ctx.db.transaction(async (tx) => {
    await tx.lock('administrators')
    const person = await findPerson(tx, id)
    if (!person) throw userNotFound()
    if (person.user.disabledAt !== null) return
    const isLasting = await isLastingAdministrator(tx, deps, person, ctx.now())
    if (!(await hasOtherAdministrator(tx, deps, { userId: id, isLasting }, ctx.now()))) {
      throw new AppError('conflict', {
        detail: `${person.user.displayName} is the last administrator of this hub. Make somebody else an administrator first.`,
      })
    }
    await setDisabled(tx, id, ctx.now())
    const ended = await endAccess(tx, id, ctx.now(), 'the person was disabled')
    await tx.announce({ topic: 'user', subject: id })
    await emitAudit(tx, ctx, {
      action: 'user.disable',
      outcome: 'success',
      target: { userId: id, principals: person.identities.map(({ principal }) => principal) },
      after: ended,
    })
  })
  return getUser(ctx, deps, id)
}

/** Lets a person in again; what was ended stays so. Throws what `authorize` and `requireFresh` throw, and `not-found`. */
export async function enableUser(ctx: RequestContext, deps: PersonDeps, id: string): Promise<User> {
  authorize(ctx, 'user.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  await ctx.db.transaction(async (tx) => {
    const person = await findPerson(tx, id)
    if (!person) throw userNotFound()
    if (person.user.disabledAt === null) return
    await setDisabled(tx, id, null)
    await tx.announce({ topic: 'user', subject: id })
    await emitAudit(tx, ctx, {
      action: 'user.enable',
      outcome: 'success',
      target: { userId: id, principals: person.identities.map(({ principal }) => principal) },
      before: { disabledAt: person.user.disabledAt.toISOString() },
    })
  })
  return getUser(ctx, deps, id)
}
