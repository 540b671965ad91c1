import type { DeletedDeployment } from '@hub/shared'
import { auditChange, clusterErrorOf, type Sending } from '#clusters'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { presentDeployment, type FleetDeployment } from '#fleet'
import { describeEvidence } from '#instances'
import type { KubeObject, KubeResponse } from '#kube'
import { requireConfirmed } from './confirm.ts'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { deploymentNotFound } from './get.ts'
import { listTakes } from './list-takes.ts'
import { openDeployments, type Deployments } from './open-deployments.ts'
import { presentAnswer, withAbilities } from './present.ts'

export type DeleteDeploymentTarget = DeploymentCoordinates & {
  /** The one that the caller saw; without, the one that the hub shows at this moment. */
  uid?: string | undefined
  dryRun?: boolean
}

/**
 * Begins the deletion of one deployment, and of no other that took its name: the cluster is told its uid. Its pods and
 * finalizers decide when it is gone. Returns it as it was last known, with what goes with it; with `dryRun` the cluster is
 * asked whether it would, and nothing goes. Throws what `openDeployments` throws, `not-found`,
 * `conflict` where another has its name, `confirmation-required`, and the `instance-…` codes.
 */
export async function deleteDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: DeleteDeploymentTarget,
): Promise<DeletedDeployment> {
  return deleteAgreed(ctx, deps, target, (meant) =>
    requireConfirmed(ctx, deps, { action: 'deployment.delete', target: meant }),
  )
}

/** The same, where `agree` throws what stands against it once it is known which one is meant. */
export async function deleteAgreed(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: DeleteDeploymentTarget,
  agree: (meant: DeploymentCoordinates & { uid: string }) => Promise<void>,
): Promise<DeletedDeployment> {
  const deployments = openDeployments(ctx, deps, 'deployment.delete', target)
  const { cluster } = deployments
  const at = { instance: cluster.id, namespace: target.namespace, name: target.name }
  const meant = await findMeant(ctx, deps, deployments, target)
  if (target.dryRun) {
    const object = await deployments.get(target.name)
    await sendDelete(ctx, deps, deployments, meant, { dryRun: true })
    return { ...withAbilities(ctx, meant), takes: listTakes(deps, meant, object) }
  }
  const { resourceVersion, uid } = meant
  await agree({ ...at, uid })
  const { body } = await auditChange(
    ctx,
    {
      action: 'deployment.delete',
      target: { ...at, uid },
      before: { uid, resourceVersion },
      evidence: { ...describeEvidence(cluster), uid },
    },
    (sending) => sendDelete(ctx, deps, deployments, meant, sending),
  )
  await deps.budgets.released(ctx, at)
  // With finalizers the cluster answers the object, still there and marked; without, a Status.
  if (body.kind === 'ModelDeployment') {
    const takes = listTakes(deps, meant, body)
    deps.fleet.apply(at.instance, body)
    return { ...presentAnswer(ctx, cluster, body), takes }
  }
  const takes = listTakes(deps, meant, null)
  deps.fleet.applyRemoval(at.instance, meant)
  const gone = {
    ...meant,
    deletingSince: ctx.now().toISOString(),
    state: 'deleting',
    sentence: 'It is being deleted.',
  } as const
  return { ...withAbilities(ctx, gone), takes }
}

/** The deployment that is to go: as the hub shows it, or else as the cluster has it. */
async function findMeant(
  ctx: RequestContext,
  deps: DeploymentDeps,
  deployments: Deployments,
  target: DeleteDeploymentTarget,
): Promise<FleetDeployment> {
  const known = deps.fleet.get(deployments.cluster.id, target.namespace, target.name)
  if (known && (target.uid === undefined || known.uid === target.uid)) return known
  const found = await readNow(ctx, deps, deployments, target)
  if (!found) throw deploymentNotFound(target)
  if (target.uid !== undefined && found.uid !== target.uid) throw madeAgain(target)
  return found
}

/** What the cluster has under that name at this moment, which the hub shows from now on as well. */
async function readNow(
  ctx: RequestContext,
  deps: DeploymentDeps,
  { cluster, get }: Deployments,
  { name }: DeploymentCoordinates,
): Promise<FleetDeployment | null> {
  const object = await get(name)
  if (!object) return null
  deps.fleet.apply(cluster.id, object)
  return presentDeployment(cluster.id, cluster.apiGroup, object, ctx.now())
}

async function sendDelete(
  ctx: RequestContext,
  deps: DeploymentDeps,
  deployments: Deployments,
  meant: FleetDeployment,
  sending: Partial<Sending> & { dryRun?: boolean },
): Promise<KubeResponse<KubeObject>> {
  const { instance, name, uid } = meant
  try {
    return await deployments.delete(name, uid, sending)
  } catch (error) {
    const failure = clusterErrorOf(error)
    if (failure?.kind === 'not-found') {
      deps.fleet.applyRemoval(instance, meant)
      throw deploymentNotFound(meant, failure)
    }
    if (failure?.kind === 'conflict') {
      // So that who looks again sees what has the name now.
      const found = await readNow(ctx, deps, deployments, meant).catch(() => undefined)
      if (found === null) throw deploymentNotFound(meant, failure)
      if (found && found.uid !== uid) throw madeAgain(meant, failure)
    }
    throw error
  }
}

function madeAgain(
  { instance, name, namespace }: DeploymentCoordinates,
  cause?: unknown,
): AppError {
  return new AppError('conflict', {
    detail: `Deployment "${name}" in namespace "${namespace}" of instance "${instance}" was deleted and created again after you looked at it. The one that now has its name was left alone: check it before you delete it.`,
    cause,
  })
}
