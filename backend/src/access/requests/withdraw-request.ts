import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import { requireUser } from '#rbac'
import { decidedAlready, requestNotFound } from './decide-request.ts'
import { describeRequest } from './present.ts'
import { decideRequest, findRequest } from './store.ts'

/**
 * Takes one's own request back while it waits. Throws `unauthenticated`, `forbidden` for a program, `not-found` for
 * somebody else's too, and `conflict` where it is decided.
 */
export async function withdrawRequest(ctx: RequestContext, id: string): Promise<void> {
  const { userId } = requireUser(ctx.actor)
  await ctx.db.transaction(async (tx) => {
    const found = await findRequest(tx, id)
    if (!found || found.user.id !== userId) throw requestNotFound()
    const { principals, request } = found
    const decision = {
      state: 'withdrawn',
      decidedAt: ctx.now(),
      decidedBy: describeActor(ctx.actor),
    }
    if (!(await decideRequest(tx, id, decision))) throw decidedAlready()
    await tx.announce({ topic: 'access-request', subject: userId })
    await emitAudit(tx, ctx, {
      action: 'access-request.withdraw',
      outcome: 'success',
      target: { accessRequestId: id, userId, principals },
      before: describeRequest(request),
      after: { state: decision.state },
    })
  })
}
