import type { DeploymentChange, DeploymentPatch, FieldError } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isRecord, type KubeObject } from '#kube'
import type { DeploymentDeps } from '../deps.ts'
import { refuseFields } from '../policies/refuse-fields.ts'
import { changeObject, patchedSpec, type ChangeTarget, type ObjectPatch } from './change-object.ts'
import { findImmutable } from './find-immutable.ts'
import { findReserved, isReserved } from './find-reserved.ts'
import { leaveUnchanged } from './leave-unchanged.ts'

/**
 * Changes what a merge patch names of one deployment, or with `dryRun` has the cluster say what would come of it. What the
 * patch sets passes the instance's policy; what is there already may stay, whoever set it. Throws what `changeObject` throws.
 */
export async function updateDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
  given: DeploymentPatch | ((current: KubeObject) => DeploymentPatch),
): Promise<DeploymentChange> {
  return changeObject(ctx, deps, target, async (current) => {
    const patch = typeof given === 'function' ? given(current) : given
    const change = nameMarks(patch as ObjectPatch, current)
    refuse(target, [
      ...below('/spec', findImmutable(current, patchedSpec(current, change))),
      ...below('/metadata', findReserved(patch.metadata ?? {}, marksOf(current))),
    ])
    await refuseFields(
      ctx,
      deps,
      target.instance,
      leaveUnchanged(patch.spec ?? {}, current['spec']),
    )
    return change
  })
}

/** Taking all labels or annotations away takes people's own: the others are not theirs. */
function nameMarks(patch: ObjectPatch, current: KubeObject): ObjectPatch {
  const present = marksOf(current)
  const metadata = { ...patch.metadata }
  for (const kind of ['labels', 'annotations'] as const) {
    if (metadata[kind] !== null) continue
    const own = Object.keys(present[kind]).filter((key) => !isReserved(key))
    metadata[kind] = Object.fromEntries(own.map((key) => [key, null]))
  }
  return { ...patch, metadata }
}

function refuse({ name }: ChangeTarget, errors: FieldError[]): void {
  if (errors.length === 0) return
  const sentences = errors.map(({ detail, pointer }) => `${pointer} ${detail}`)
  throw new AppError('deployment-invalid', {
    detail: `Deployment "${name}" cannot be changed in this way. ${sentences.join(' ')}`,
    errors,
  })
}

function below(place: string, errors: FieldError[]): FieldError[] {
  return errors.map(({ detail, pointer }) => ({ pointer: `${place}${pointer}`, detail }))
}

function marksOf({ metadata }: KubeObject) {
  const { annotations, labels } = metadata ?? {}
  return { annotations: textsOf(annotations), labels: textsOf(labels) }
}

function textsOf(value: unknown): Record<string, string> {
  return isRecord(value) ? (value as Record<string, string>) : {}
}
