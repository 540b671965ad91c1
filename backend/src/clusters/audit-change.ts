import { beginAttempt, endAttempt, type AttemptedChange } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { ClusterError, type KubeRequest, type KubeResponse } from '#kube'

/** What a change passes on to its request. */
export type Sending = Required<Pick<KubeRequest, 'onSend'>>

/**
 * Wraps one change on a cluster in its two audit rows: the attempt before anything is sent, and what came of it with the
 * cluster's own audit id, refusals included. Returns and throws what the cluster said, whether or not the second row can
 * be written. `change` passes `onSend` on to the request, and says in `AppError` what to do where it may have happened.
 */
export async function auditChange<T>(
  ctx: RequestContext,
  entry: AttemptedChange,
  change: (sending: Sending) => Promise<KubeResponse<T>>,
): Promise<KubeResponse<T>> {
  const id = await beginAttempt(ctx, entry)
  let wasSent = false
  try {
    const response = await change({ onSend: () => (wasSent = true) })
    await endAttempt(ctx, id, entry, { outcome: 'success', clusterAuditId: response.auditId })
    return response
  } catch (error) {
    const mayHaveHappened = wasSent && isUndecided(error)
    await endAttempt(ctx, id, entry, {
      outcome: mayHaveHappened ? 'unknown' : 'failure',
      reason: error instanceof AppError ? error.code : 'internal',
      clusterAuditId: clusterErrorOf(error)?.auditId ?? null,
    })
    throw mayHaveHappened ? sayItMayHaveHappened(error, entry) : error
  }
}

/** Whether what came back to a request that was sent leaves open what the cluster did with it. */
export function isUndecided(error: unknown): boolean {
  const failure = clusterErrorOf(error)
  if (failure === null || failure.status === null) return true
  // A webhook is asked before anything is stored.
  if (failure.kind === 'admission' || /failed calling webhook/.test(failure.message)) return false
  // Of an answer in the 500s nobody knows: etcd may have stored it and been late to say so.
  return failure.status >= 500 || failure.status < 300
}

/** The cluster's own error behind what people are told; null where it was none. */
export function clusterErrorOf(error: unknown): ClusterError | null {
  const cause = error instanceof AppError ? error.cause : error
  return cause instanceof ClusterError ? cause : null
}

const deeds: Partial<Record<AttemptedChange['action'], string>> = {
  'binding.create': 'made',
  'binding.delete': 'removed',
  'deployment.create': 'created',
  'deployment.delete': 'deleted',
}

function sayItMayHaveHappened(error: unknown, { action, target }: AttemptedChange): unknown {
  const failure = clusterErrorOf(error)
  if (!(error instanceof AppError) || failure === null) return error
  const { instance, name, namespace } = target as Record<string, string | undefined>
  const isDeployment = action.startsWith('deployment.')
  const place = namespace === undefined ? '' : ` in namespace "${namespace}"`
  const what = `${isDeployment ? 'Deployment' : 'Binding'} "${name}"${place}`
  const after = isDeployment ? ' The hub looks too, and writes what it finds to the audit log.' : ''
  return new AppError(error.code, {
    detail: `Instance "${instance}" ${describeFailure(failure)}. ${what} may have been ${deeds[action] ?? 'changed'} anyway: look at it before you try again.${after}`,
    cause: error.cause,
    outcome: 'unknown',
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
  })
}

/** As the end of a sentence that begins with the instance; an API server's own words are none. */
function describeFailure({ kind, message }: ClusterError): string {
  if (kind === 'timeout') return 'did not answer in time'
  const words = message.replace(/[.!?…]$/, '')
  return kind === 'server' ? `failed: ${words}` : words
}
