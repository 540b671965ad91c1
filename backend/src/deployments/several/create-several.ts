import type { CreateDeploymentsInput, TargetOutcomes } from '@hub/shared'
import type { RequestContext } from '#context'
import type { ByteStream } from '#operation'
import { requireCaller } from '#rbac'
import { createOnce } from '../create-once.ts'
import type { DeploymentDeps } from '../deps.ts'
import type { CreationDeps } from '../plan-creation.ts'
import { answerOutcomes, type OutcomeOptions } from './answer-outcomes.ts'
import type { Task } from './run-target.ts'

/**
 * One model for several places, each authorized, checked and audited by itself. What is refused for one is the outcome of
 * that one. Throws `unauthenticated`.
 */
export function createSeveral(
  ctx: RequestContext,
  deps: DeploymentDeps & CreationDeps,
  { targets, ...input }: CreateDeploymentsInput,
  { dryRun, ...options }: OutcomeOptions & { dryRun: boolean },
): Promise<TargetOutcomes | ByteStream> {
  requireCaller(ctx.actor)
  const tasks = targets.map(({ instance, namespace }): Task => ({
    instance,
    namespace,
    name: input.name,
    key: `${instance}/${namespace}`,
    permission: 'deployment.create',
    run: async () => {
      const target = { instance, namespace, dryRun }
      const made = await createOnce(ctx, deps, target, input, options.repeat?.earlier)
      const { warnings, ...deployment } = made
      return { deployment, warnings }
    },
  }))
  const once = new Map(tasks.map((task) => [task.key, task]))
  return answerOutcomes(ctx, [...once.values()], options)
}
