import type { Confirmation, ConfirmationList } from '@hub/shared'
import { describeActor, type RequestContext, type UserActor } from '#context'
import { AppError } from '#errors'
import { hubWide, isAllowed, requireFresh, requireUser } from '#rbac'
import { isAtPortal } from './is-at-portal.ts'
import { presentConfirmation } from './present.ts'
import { recordStep } from './record-step.ts'
import { confirmationMs, type Confirmations } from './require-confirmation.ts'
import {
  findConfirmation,
  findConfirmations,
  moveConfirmation,
  type ConfirmationRow,
} from './store.ts'

export type ConfirmationDeps = { confirmations: Confirmations }

/**
 * What agents want to do in the caller's name, and for administrators what programs want, as far as it counts still.
 * Throws `forbidden` for whoever is not at the portal.
 */
export async function listConfirmations(
  ctx: RequestContext,
  { confirmations: { sealed } }: ConfirmationDeps,
): Promise<ConfirmationList> {
  const person = requirePerson(ctx)
  const ofPrograms = decidesForPrograms(ctx)
  const rows = await findConfirmations(ctx.db, {
    userId: person.userId,
    ofPrograms,
    now: ctx.now(),
  })
  return { items: await Promise.all(rows.map((row) => presentConfirmation(sealed, person, row))) }
}

/**
 * Says yes, once, to exactly what was asked for, or no. Yes needs a sign-in of the last 15 minutes. Throws `not-found` for
 * what is not the caller's to decide, `conflict` for what is decided or over, `forbidden`, `reauthentication-required`.
 */
export async function decideConfirmation(
  ctx: RequestContext,
  { confirmations: { sealed } }: ConfirmationDeps,
  id: string,
  state: 'approved' | 'refused',
): Promise<Confirmation> {
  const person = requirePerson(ctx)
  if (state === 'approved') requireFresh(ctx)
  const now = ctx.now()
  const row = await ctx.db.transaction(async (tx): Promise<ConfirmationRow> => {
    const found = await findConfirmation(tx, id)
    if (!found || !isDecidedBy(ctx, person, found)) throw confirmationNotFound()
    const decision = {
      state,
      decidedAt: now,
      decidedBy: describeActor(ctx.actor),
      expiresAt: new Date(now.getTime() + confirmationMs),
    }
    const isWaiting = found.expiresAt > now
    if (!isWaiting || !(await moveConfirmation(tx, { id, from: 'waiting' }, decision))) {
      throw new AppError('conflict', {
        detail:
          'This is no longer waiting: it was decided, or has expired. The agent asks again if it has to.',
      })
    }
    const step = state === 'approved' ? 'confirmation.approve' : 'confirmation.refuse'
    await recordStep(tx, ctx, step, found)
    return { ...found, ...decision }
  })
  return presentConfirmation(sealed, person, row)
}

function requirePerson(ctx: RequestContext): UserActor {
  const person = requireUser(ctx.actor)
  if (isAtPortal(ctx)) return person
  throw new AppError('forbidden', {
    detail:
      'What agents want is decided only in the portal, by a person who has signed in; a token cannot do it.',
  })
}

function decidesForPrograms(ctx: RequestContext): boolean {
  return isAllowed(ctx, 'instance.manage', hubWide)
}

function isDecidedBy(ctx: RequestContext, person: UserActor, { userId }: ConfirmationRow): boolean {
  return userId === null ? decidesForPrograms(ctx) : userId === person.userId
}

function confirmationNotFound(): AppError {
  return new AppError('not-found', { detail: 'There is no such request of an agent of yours.' })
}
