import type { DeploymentChange } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isRecord } from '#kube'
import { authorize } from '#rbac'
import type { ChangeTarget } from '../changes/change-object.ts'
import { updateDeployment } from '../changes/update.ts'
import { readRevisions, type HistoryDeps } from './get-history.ts'

/**
 * Makes a deployment's spec what it was in a generation, by what differs from now: a policy that has become stricter since
 * holds, and what cannot be changed in place is refused. Throws what `updateDeployment` throws, and `not-found`.
 */
export async function restoreDeployment(
  ctx: RequestContext,
  deps: HistoryDeps,
  target: ChangeTarget,
  generation: number,
): Promise<DeploymentChange> {
  authorize(ctx, 'deployment.update', target)
  const revisions = await readRevisions(ctx, deps, target)
  const then = revisions.find((each) => each.generation === generation)
  if (!then) {
    const { instance, name, namespace } = target
    throw new AppError('not-found', {
      detail: `The history of deployment "${name}" in namespace "${namespace}" of instance "${instance}" has no generation ${generation}. It keeps the latest 20 that the hub saw: read it again and choose one of these.`,
    })
  }
  return updateDeployment(ctx, deps, target, ({ spec }) => ({
    spec: diffSpecs(spec, then.spec),
  }))
}

/** The merge patch (RFC 7386) that makes the one of the other. */
function diffSpecs(now: unknown, then: Record<string, unknown>): Record<string, unknown> {
  const present = isRecord(now) ? now : {}
  const gone = Object.keys(present).filter((name) => !Object.hasOwn(then, name))
  const patch: [string, unknown][] = gone.map((name) => [name, null])
  for (const [name, value] of Object.entries(then)) {
    const before = Object.hasOwn(present, name) ? present[name] : undefined
    if (JSON.stringify(before) === JSON.stringify(value)) continue
    const isNested = isRecord(value) && isRecord(before)
    patch.push([name, isNested ? diffSpecs(before, value) : value])
  }
  return Object.fromEntries(patch)
}
