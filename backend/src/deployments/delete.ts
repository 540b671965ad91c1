import type { Deployment } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { presentDeployment, type FleetDeployment } from '#fleet'
import {
  ClusterError,
  toAppError,
  type KubeObject,
  type KubeRequest,
  type KubeResponse,
} from '#kube'
import { auditChange } from './audit-change.ts'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { deploymentNotFound } from './get.ts'
import { objectPath } from './paths.ts'
import { presentAnswer, withAbilities } from './present.ts'
import { readObject } from './read-object.ts'
import {
  asCaller,
  describeEvidence,
  describeTarget,
  requireCluster,
  type ReadyCluster,
} from './require-cluster.ts'

export type DeleteDeploymentTarget = DeploymentCoordinates & {
  /** The one that the caller saw; without, the one that the hub shows at this moment. */
  uid?: string | undefined
}

/**
 * Begins the deletion of one deployment, and of no other that took its name: the cluster is told its uid. Its pods and
 * finalizers decide when it is gone. Returns it as it was last known. Throws what `requireCluster` throws, `not-found`,
 * `conflict` where another has its name, and the `instance-…` codes.
 */
export async function deleteDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: DeleteDeploymentTarget,
): Promise<Deployment> {
  const cluster = requireCluster(ctx, deps, 'deployment.delete', target)
  const at = { instance: cluster.id, namespace: target.namespace, name: target.name }
  const meant = await findMeant(ctx, deps, cluster, target)
  const { resourceVersion, uid } = meant
  const { body } = await auditChange(
    ctx,
    {
      action: 'deployment.delete',
      target: { ...at, uid },
      before: { uid, resourceVersion },
      evidence: { ...describeEvidence(cluster), uid },
    },
    (sending) => sendDelete(ctx, deps, cluster, meant, sending),
  )
  // With finalizers the cluster answers the object, still there and marked; without, a Status.
  if (body.kind === 'ModelDeployment') {
    deps.fleet.apply(at.instance, body)
    return presentAnswer(ctx, cluster, body)
  }
  deps.fleet.applyRemoval(at.instance, meant)
  return withAbilities(ctx, { ...meant, deletingSince: ctx.now().toISOString() })
}

/** The deployment that is to go: as the hub shows it, or else as the cluster has it. */
async function findMeant(
  ctx: RequestContext,
  deps: DeploymentDeps,
  cluster: ReadyCluster,
  target: DeleteDeploymentTarget,
): Promise<FleetDeployment> {
  const known = deps.fleet.get(cluster.id, target.namespace, target.name)
  if (known && (target.uid === undefined || known.uid === target.uid)) return known
  const found = await readNow(ctx, deps, cluster, target)
  if (!found) throw deploymentNotFound(target)
  if (target.uid !== undefined && found.uid !== target.uid) throw madeAgain(target)
  return found
}

/** What the cluster has under that name at this moment, which the hub shows from now on as well. */
async function readNow(
  ctx: RequestContext,
  deps: DeploymentDeps,
  cluster: ReadyCluster,
  at: DeploymentCoordinates,
): Promise<FleetDeployment | null> {
  try {
    const { requestId } = ctx
    const object = await readObject(cluster.transport, { ...cluster, ...at }, { requestId })
    if (!object) return null
    deps.fleet.apply(cluster.id, object)
    return presentDeployment(cluster.id, cluster.apiGroup, object)
  } catch (error) {
    throw toAppError(error, describeTarget(cluster))
  }
}

async function sendDelete(
  ctx: RequestContext,
  deps: DeploymentDeps,
  cluster: ReadyCluster,
  meant: FleetDeployment,
  sending: Pick<KubeRequest, 'onSend'>,
): Promise<KubeResponse<KubeObject>> {
  const { name, namespace, uid } = meant
  try {
    return await cluster.transport.request<KubeObject>({
      method: 'DELETE',
      path: objectPath(cluster.apiGroup, namespace, name),
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } },
      requestId: ctx.requestId,
      ...sending,
      ...asCaller(ctx, cluster, namespace),
    })
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    if (error.kind === 'not-found') {
      deps.fleet.applyRemoval(cluster.id, meant)
      throw deploymentNotFound(meant, error)
    }
    if (error.kind === 'conflict') {
      // So that who looks again sees what has the name now.
      const found = await readNow(ctx, deps, cluster, meant).catch(() => undefined)
      if (found === null) throw deploymentNotFound(meant, error)
      if (found && found.uid !== uid) throw madeAgain(meant, error)
    }
    throw toAppError(error, describeTarget(cluster))
  }
}

function madeAgain(
  { instance, name, namespace }: DeploymentCoordinates,
  cause?: unknown,
): AppError {
  return new AppError('conflict', {
    detail: `Deployment "${name}" in namespace "${namespace}" of instance "${instance}" was deleted and made again since you looked at it. What has its name now is another one, and was left alone: look at it before you delete it.`,
    cause,
  })
}
