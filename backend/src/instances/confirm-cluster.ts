import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
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
  const { clusterUid } = instance
  if (!instances.resting.has(id) || clusterUid === null) return
  await ctx.db.transaction(async (tx) => {
    await updateConfirmed(tx, id, {
      clusterUid,
      confirmedAt: ctx.now(),
      confirmedBy: describeActor(ctx.actor),
    })
    await emitAudit(tx, ctx, {
      action: 'credential.confirm',
      outcome: 'success',
      target: { instance: id },
      after: { clusterUid },
    })
    tx.afterCommit(() => instances.accept(id, clusterUid))
  })
}
