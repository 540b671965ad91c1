import { recordAudit, type AuditEntry } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { ClusterError, type KubeResponse } from '#kube'

/**
 * Wraps one change on a cluster in its two audit rows: the attempt before anything is sent, so that a hub that dies
 * half-way leaves a trace, and the outcome with the cluster's own audit id, refusals included.
 */
export async function auditChange<T>(
  ctx: RequestContext,
  entry: Pick<AuditEntry, 'action' | 'target' | 'before' | 'after'>,
  change: () => Promise<KubeResponse<T>>,
): Promise<KubeResponse<T>> {
  await recordAudit(ctx, { ...entry, outcome: 'attempt' })
  try {
    const response = await change()
    await recordAudit(ctx, { ...entry, outcome: 'success', clusterAuditId: response.auditId })
    return response
  } catch (error) {
    await recordAudit(ctx, {
      ...entry,
      outcome: 'failure',
      reason: error instanceof AppError ? error.code : 'internal',
      clusterAuditId: clusterAuditIdOf(error),
    })
    throw error
  }
}

/** Null where the cluster never answered. */
function clusterAuditIdOf(error: unknown): string | null {
  const cause = error instanceof AppError ? error.cause : error
  return cause instanceof ClusterError ? cause.auditId : null
}
