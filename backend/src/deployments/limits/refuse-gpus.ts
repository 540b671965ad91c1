import type { Grant } from '@hub/shared'
import { countGpus } from '#budgets'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import type { Fleet } from '#fleet'
import { decide, findCoveringGrants } from '#rbac'
import type { DeploymentCoordinates } from '../deps.ts'
import { gpusOf } from './gpus-of.ts'

const retryAfterSeconds = 60

/**
 * Refuses a spec that would give the caller more GPUs at once than any of their grants there allows, with what they
 * deployed already; `before` is the spec that it takes the place of. What asks for no more than that is let through. Throws
 * `too-many-requests`.
 */
export function refuseGpus(
  ctx: RequestContext,
  { fleet }: { fleet: Pick<Fleet, 'list' | 'get'> },
  at: DeploymentCoordinates,
  { before, spec }: { before?: unknown; spec: unknown },
): void {
  const covering = findCoveringGrants(ctx, 'deployment.create', at)
  if (covering.length === 0 || covering.some(isUnlimited)) return
  const [asked, had] = [countGpus(spec), before === undefined ? 0 : countGpus(before)]
  if (asked <= had) return
  const caller = describeActor(ctx.actor)
  const own = fleet.list().filter(({ createdBy }) => createdBy === caller)
  const isOwn = fleet.get(at.instance, at.namespace, at.name)?.createdBy === caller
  const left = covering.map((grant) => {
    const others = own.filter((each) => !isAt(each, at) && isCovered(ctx, grant, each))
    const used = others.reduce((sum, each) => sum + gpusOf(each), 0) + (isOwn ? had : 0)
    return { grant, used, left: grant.limits!.gpusAtOnce! - used }
  })
  const [best] = left.toSorted((a, b) => b.left - a.left)
  if (!best || asked - had <= best.left) return
  const { grant, used } = best
  throw new AppError('too-many-requests', {
    detail: `That would be ${used + asked - had} GPUs at once, and the role ${describe(grant)} allows ${grant.limits!.gpusAtOnce}: your other deployments there have ${used}. Delete or scale down one of them, ask for fewer, or ask an administrator for a higher limit.`,
    retryAfterSeconds,
  })
}

function isUnlimited({ limits }: Grant): boolean {
  return limits?.gpusAtOnce === undefined
}

function isAt(each: DeploymentCoordinates, at: DeploymentCoordinates): boolean {
  return each.instance === at.instance && each.namespace === at.namespace && each.name === at.name
}

function isCovered(ctx: RequestContext, grant: Grant, scope: DeploymentCoordinates): boolean {
  return decide([grant], 'deployment.create', scope, ctx.now())
}

function describe({ instanceId, namespaces, role }: Grant): string {
  const where = instanceId === null ? 'on every instance' : `on instance "${instanceId}"`
  return namespaces === null ? `${role} ${where}` : `${role} ${where}, in ${namespaces.join(', ')}`
}
