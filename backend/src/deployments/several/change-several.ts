import type { ChangeDeploymentsInput, TargetOutcomes } from '@hub/shared'
import type { RequestContext } from '#context'
import { asAppError } from '#errors'
import type { ByteStream } from '#operation'
import { requireCaller } from '#rbac'
import { pauseDeployment, resumeDeployment } from '../changes/pause.ts'
import { restartDeployment } from '../changes/restart.ts'
import { scaleDeployment } from '../changes/scale.ts'
import { deleteDeployment } from '../delete.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { findEarlier } from '../find-earlier.ts'
import { presentAnswer } from '../present.ts'
import { answerOutcomes, type OutcomeOptions } from './answer-outcomes.ts'
import type { Task } from './run-target.ts'

type Target = DeploymentCoordinates & { uid: string }
type Done = ReturnType<Task['run']>
type Change = (ctx: RequestContext, deps: DeploymentDeps, target: Target) => Done

/**
 * One change of many deployments, each of the one with its uid, authorized and audited by itself. What is refused for one
 * is the outcome of that one. Throws `unauthenticated`.
 */
export function changeSeveral(
  ctx: RequestContext,
  deps: DeploymentDeps,
  { action, deployments, replicas }: ChangeDeploymentsInput,
  options: OutcomeOptions,
): Promise<TargetOutcomes | ByteStream> {
  requireCaller(ctx.actor)
  const earlier = options.repeat?.earlier ?? []
  const change = action === 'scale' ? scaleTo(replicas!) : changes[action]
  const tasks = deployments.map((target): Task => {
    const { instance, name, namespace, uid } = target
    return {
      instance,
      namespace,
      name,
      key: `${instance}/${namespace}/${name}/${uid}`,
      permission: action === 'delete' ? 'deployment.delete' : 'deployment.update',
      run: () =>
        action === 'delete'
          ? deleteOnce(ctx, deps, target, earlier)
          : changeOnce(ctx, deps, target, { change, earlier }),
    }
  })
  const once = new Map(tasks.map((task) => [task.key, task]))
  return answerOutcomes(ctx, [...once.values()], options)
}

const changes = {
  restart: restartDeployment,
  pause: pauseDeployment,
  resume: resumeDeployment,
  delete: async (ctx, deps, target) => ({ deployment: await deleteDeployment(ctx, deps, target) }),
} satisfies Record<string, Change>

/** The contract asks for replicas where the action is to scale. */
function scaleTo(replicas: number): Change {
  return (ctx, deps, target) => scaleDeployment(ctx, deps, target, { replicas })
}

/** Nothing is done twice that an earlier try did and was not heard of. */
async function changeOnce(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: Target,
  { change, earlier }: { change: Change; earlier: readonly string[] },
): Done {
  const made = await findEarlier(ctx, deps, target, { earlier, permission: 'deployment.update' })
  if (!made || made.object.metadata?.uid !== target.uid) return change(ctx, deps, target)
  return { deployment: presentAnswer(ctx, made.cluster, made.object) }
}

/** What an earlier try was to delete and is not there any more is deleted. */
async function deleteOnce(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: Target,
  earlier: readonly string[],
): Done {
  try {
    return await changes.delete(ctx, deps, target)
  } catch (error) {
    const { code, denial } = asAppError(error)
    const isGone = denial === undefined && (code === 'not-found' || code === 'conflict')
    if (earlier.length > 0 && isGone) return { deployment: null }
    throw error
  }
}
