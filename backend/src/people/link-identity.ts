import { randomUUID } from 'node:crypto'
import type { User } from '@hub/shared'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import type { UserDeps } from './administrators.ts'
import { indexGroups } from './index-groups.ts'
import { getUser, userNotFound } from './list-users.ts'
import {
  deleteGroupGrants,
  deleteUser,
  endAccess,
  findGrantsOf,
  findIdentityById,
  findPerson,
  insertUserAlone,
  lockPerson,
  moveGrant,
  moveIdentity,
  moveRequests,
  within,
  type GrantRow,
  type Person,
} from './store.ts'

export type LinkDeps = UserDeps & {
  /** Makes what groups give to a person what their identities' groups give now; the person's row is locked. */
  reconcileGroups(tx: Transaction, ctx: RequestContext, userId: string): Promise<void>
}

/**
 * Makes an identity of another person one of this person's: they are the same. The other one, if nothing is left of them,
 * goes, and what was granted to them by hand, and what they asked for, is this person's now. What groups give follows at
 * once. Sessions that came by the identity end.
 * Throws what `authorize` and `requireFresh` throw, `not-found`, and `conflict` where either is disabled.
 */
export async function linkIdentity(
  ctx: RequestContext,
  deps: LinkDeps,
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
    await endAccess(tx, { identityId }, ctx.now(), 'the identity became another person’s')
    const isEmpty = source.identities.length === 1
    const merged = isEmpty ? await merge(tx, ctx, source.user.id, userId) : null
    await deps.reconcileGroups(tx, ctx, userId)
    if (!isEmpty) await deps.reconcileGroups(tx, ctx, source.user.id)
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
  deps: LinkDeps,
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
        detail: `It is the only identity of ${user.displayName}. Disable the person to keep them out.`,
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
    await endAccess(tx, { identityId }, ctx.now(), 'the identity became another person’s')
    await deps.reconcileGroups(tx, ctx, userId)
    await deps.reconcileGroups(tx, ctx, id)
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

/** What was granted by hand goes over, but for what the other one holds already; the rest ends with the person. */
async function merge(
  tx: Transaction,
  ctx: RequestContext,
  sourceId: string,
  targetId: string,
): Promise<Record<string, unknown>> {
  const groupGrantsEnded = await deleteGroupGrants(tx, sourceId)
  const held = new Set((await findGrantsOf(tx, targetId)).map(describeGrant))
  const moved: string[] = []
  for (const grant of await findGrantsOf(tx, sourceId)) {
    if (held.has(describeGrant(grant))) continue
    await moveGrant(tx, grant.id, targetId)
    moved.push(grant.id)
  }
  await moveRequests(tx, sourceId, targetId)
  const ended = await endAccess(tx, { userId: sourceId }, ctx.now(), 'joined with another person')
  await deleteUser(tx, sourceId)
  return { groupGrantsEnded, grantsMoved: moved, tokensEnded: ended.tokens }
}

/** A sign-in of theirs waits, or goes first. Always in one order, so that two of these never wait for each other. */
async function lockPeople(tx: Transaction, ids: readonly string[]): Promise<void> {
  for (const id of ids.toSorted()) await lockPerson(tx, id)
}

function describeGrant({ endsAt, instanceId, namespaces, role }: GrantRow): string {
  const places = namespaces === null ? null : [...namespaces].toSorted()
  return JSON.stringify([role, instanceId, places, endsAt?.getTime() ?? null])
}

async function getPerson(tx: Transaction, id: string): Promise<Person> {
  const person = await findPerson(within(tx), id)
  if (!person) throw userNotFound()
  return person
}

function refuseDisabled({ user }: Person): void {
  if (user.disabledAt === null) return
  throw new AppError('conflict', {
    detail: `${user.displayName} is disabled. Enable the person first: joining must let nobody in again by accident.`,
  })
}

function identityNotFound(): AppError {
  return new AppError('not-found', { detail: 'There is no such identity. Read the person again.' })
}
