import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, instanceNotFound, requireFresh } from '#rbac'
import type { Instances } from './create-instances.ts'
import { updateConfirmed } from './store.ts'

/**
 * Confirms that the cluster which now stands behind an instance's name is meant, so that grants count there again.
 * Does nothing where none rests. Throws what `authorize` and `requireFresh` throw, and
 * `not-found`.
 */
export async function confirmCluster(
  ctx: RequestContext,
  { instances }: { instances: Instances },
  id: string,
): Promise<void> {
  authorize(ctx, 'instance.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  const instance = instances.find(id)
  if (!instance) throw instanceNotFound(ctx, id)
  const { clusterIdentity, clusterUid } = instance
  if (!instances.resting.has(id) || clusterIdentity === null) return
  if (instances.unanswered.has(id)) {
    throw new AppError('unavailable', {
      detail:
        'The hub could not yet check in its database whether this is a different cluster, and nothing was changed. Try again in a moment.',
      retryAfterSeconds: 5,
    })
  }
  await ctx.db.transaction(async (tx) => {
    await updateConfirmed(tx, id, {
      clusterUid: clusterIdentity,
      confirmedAt: ctx.now(),
      confirmedBy: describeActor(ctx.actor),
    })
    await emitAudit(tx, ctx, {
      action: 'credential.confirm',
      outcome: 'success',
      target: { instance: id },
      // One that does not tell its uid is confirmed by its address and authority.
      after: { clusterUid, ...(clusterUid === null && { clusterPlace: clusterIdentity }) },
    })
    tx.afterCommit(() => instances.accept(id, clusterIdentity))
  })
}
