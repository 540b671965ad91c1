import type { DeploymentChange } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isRecord } from '#kube'
import { authorize } from '#rbac'
import type { ChangeTarget } from '../changes/change-object.ts'
import { readPointer } from '../changes/read-pointer.ts'
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
    spec: diffSpecs(spec, keepChosen(spec, then.spec)),
  }))
}

/** What was open then and has been decided since stays for good, and keeps nobody from going back. */
function keepChosen(now: unknown, then: Record<string, unknown>): Record<string, unknown> {
  const chosen: [string, string][] = [
    ['engine', 'type'],
    ['provider', 'name'],
  ]
  const kept = chosen.flatMap(([part, field]) => {
    const before = isRecord(then[part]) ? then[part] : {}
    const value = readPointer(now, `/${part}/${field}`)
    return before[field] || !value ? [] : [[part, { ...before, [field]: value }] as const]
  })
  return { ...then, ...Object.fromEntries(kept) }
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
