import type { Template, TemplateList } from '@hub/shared'
import type { Instances } from '#clusters'
import type { RequestContext } from '#context'
import { hubWide, isAllowed, isOffered, requireCaller } from '#rbac'
import type { Templates } from './templates.ts'

export type TemplateDeps = { instances: Instances; templates: Templates }

/**
 * The templates for instances where the caller may create, naming none that the caller does not see. Throws
 * `unauthenticated`.
 */
export async function listTemplates(
  ctx: RequestContext,
  deps: TemplateDeps,
): Promise<TemplateList> {
  requireCaller(ctx.actor)
  const all = await deps.templates.list()
  if (isAllowed(ctx, 'instance.manage', hubWide)) return { items: all }
  const deployable = new Set(
    deps.instances
      .list()
      .map(({ id }) => id)
      .filter((id) => isOffered(ctx, 'deployment.create', { instance: id, namespace: null })),
  )
  if (deployable.size === 0) return { items: [] }
  return { items: all.flatMap((template) => narrow(template, deployable)) }
}

function narrow(template: Template, deployable: ReadonlySet<string>): Template[] {
  const { instanceIds } = template
  if (instanceIds === null) return [template]
  const left = instanceIds.filter((id) => deployable.has(id))
  return left.length === 0 ? [] : [{ ...template, instanceIds: left }]
}
