import { randomUUID } from 'node:crypto'
import type { User } from '@hub/shared'
import { moveAccess, reconcileGroups } from '#access'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import {
  deleteUser,
  findIdentityById,
  findPerson,
  getUser,
  indexGroups,
  insertUserAlone,
  lockPerson,
  moveIdentity,
  userNotFound,
  type Person,
} from '#people'
import { authorize, hubWide, requireFresh } from '#rbac'
import { endSessions } from '#sessions'
import type { PersonDeps } from './deps.ts'
import { endAccess } from './end-access.ts'

/**
 * Makes an identity of another person one of this person's: they are the same. The other one, if nothing is left of them,
 * goes, and what was granted to them by hand, and what they asked for, is this person's now. What groups give follows at
 * once. Sessions that came by the identity end.
 * Throws what `authorize` and `requireFresh` throw, `not-found`, and `conflict` where either is disabled.
 */
export async function linkIdentity(
  ctx: RequestContext,
  deps: PersonDeps,
  input: { userId: string; identityId: string },
): Promise<User> {
  authorize(ctx, 'user.manage', hubWide)
  requireFresh(ctx)
  const { identityId, userId } = input
  await ctx.db.transaction(async (tx) => {
    await tx.lock('administrators')
    const target = await getPerson(tx, userId)
    const identity = await findIdentityById(tx, identityId)
    if (!identity) throw identityNotFound()
    if (identity.userId === userId) return
    const source = await getPerson(tx, identity.userId)
    refuseDisabled(target)
    refuseDisabled(source)
    await lockPeople(tx, [userId, source.user.id])
    await indexGroups(tx, [userId, source.user.id], () => moveIdentity(tx, identityId, userId))
    await endSessions(
      tx,
      { identityIds: [identityId] },
      ctx.now(),
      'the identity became another person’s',
    )
    const isEmpty = source.identities.length === 1
    const merged = isEmpty ? await merge(tx, ctx, source.user.id, userId) : null
    await reconcileGroups(tx, ctx, deps, { userId })
    if (!isEmpty) await reconcileGroups(tx, ctx, deps, { userId: source.user.id })
    await tx.announce({ topic: 'user', subject: userId })
    await tx.announce({ topic: 'user', subject: source.user.id })
    await emitAudit(tx, ctx, {
      action: 'user.link',
      outcome: 'success',
      target: { userId, identityId, principal: identity.principal },
      before: { userId: source.user.id, displayName: source.user.displayName },
      after: { isOtherRemoved: isEmpty, ...merged },
    })
  })
  return getUser(ctx, deps, userId)
}

/**
 * Makes an identity a person of its own, who holds nothing but what its groups give: other grants stay where they are.
 * Returns that person.
 * Throws what `authorize` and `requireFresh` throw, `not-found`, and `conflict` for the only identity.
 */
export async function unlinkIdentity(
  ctx: RequestContext,
  deps: PersonDeps,
  input: { userId: string; identityId: string },
): Promise<User> {
  authorize(ctx, 'user.manage', hubWide)
  requireFresh(ctx)
  const { identityId, userId } = input
  const id = randomUUID()
  await ctx.db.transaction(async (tx) => {
    await tx.lock('administrators')
    const { identities, user } = await getPerson(tx, userId)
    const identity = identities.find((each) => each.id === identityId)
    if (!identity) throw identityNotFound()
    if (identities.length === 1) {
      throw new AppError('conflict', {
        detail: `This is the only identity of ${user.displayName}. To keep them out, disable the person.`,
      })
    }
    // Whoever is kept out stays so, under any name.
    const { disabledAt, displayName } = user
    const { email, lastSignInAt } = identity
    await insertUserAlone(tx, {
      id,
      displayName,
      email,
      disabledAt,
      createdAt: ctx.now(),
      lastSignInAt,
    })
    await lockPeople(tx, [userId])
    await indexGroups(tx, [userId, id], () => moveIdentity(tx, identityId, id))
    await endSessions(
      tx,
      { identityIds: [identityId] },
      ctx.now(),
      'the identity became another person’s',
    )
    await reconcileGroups(tx, ctx, deps, { userId })
    await reconcileGroups(tx, ctx, deps, { userId: id })
    await tx.announce({ topic: 'user', subject: userId })
    await emitAudit(tx, ctx, {
      action: 'user.unlink',
      outcome: 'success',
      target: { userId, identityId, principal: identity.principal },
      after: { userId: id },
    })
  })
  return getUser(ctx, deps, id)
}

/** What was granted by hand goes over; the rest ends with the person. */
async function merge(
  tx: Transaction,
  ctx: RequestContext,
  sourceId: string,
  targetId: string,
): Promise<Record<string, unknown>> {
  const moved = await moveAccess(tx, { from: sourceId, to: targetId })
  const ended = await endAccess(tx, sourceId, ctx.now(), 'joined with another person')
  await deleteUser(tx, sourceId)
  return { ...moved, tokensEnded: ended.tokens }
}

/** A sign-in of theirs waits, or goes first. Always in one order, so that two of these never wait for each other. */
async function lockPeople(tx: Transaction, ids: readonly string[]): Promise<void> {
  for (const id of ids.toSorted()) await lockPerson(tx, id)
}

async function getPerson(tx: Transaction, id: string): Promise<Person> {
  const person = await findPerson(tx, id)
  if (!person) throw userNotFound()
  return person
}

function refuseDisabled({ user }: Person): void {
  if (user.disabledAt === null) return
  throw new AppError('conflict', {
    detail: `${user.displayName} is disabled. Enable the person first, so that linking lets nobody back in by accident.`,
  })
}

function identityNotFound(): AppError {
  return new AppError('not-found', { detail: 'There is no such identity. Refresh the page.' })
}
