import type { CreateDeploymentInput, DeploymentSpec, Template } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { Closures } from '#instances'
import { isAdminOf, refuseFields } from './policies/refuse-fields.ts'
import type { Policies } from './policies/policies.ts'
import { applyTemplate } from './templates/apply-template.ts'
import type { Templates } from './templates/templates.ts'

export type CreationDeps = {
  closures: Pick<Closures, 'current'>
  policies: Pick<Policies, 'of'>
  templates: Templates
}

/**
 * The spec to create, once the instance takes it: it is open, its policy lets the caller, and what a template closes is
 * as the template says. Throws `instance-closed`, `deployment-invalid`.
 */
export async function planCreation(
  ctx: RequestContext,
  deps: CreationDeps,
  instance: string,
  input: Pick<CreateDeploymentInput, 'spec' | 'template'>,
): Promise<DeploymentSpec> {
  await requireOpen(deps, instance)
  if (input.template !== undefined) return applyBlessed(ctx, deps, instance, input)
  // The contract asks for a model where there is no template.
  const spec = input.spec as DeploymentSpec
  const { templatesOnly } = await refuseFields(ctx, deps, instance, spec)
  if (!templatesOnly || isAdminOf(ctx, instance)) return spec
  throw new AppError('deployment-invalid', {
    detail: `Deployments on instance "${instance}" start from a template: its policy says so for everybody but administrators. Choose one; GET /api/templates lists them.`,
    errors: [{ pointer: '/template', detail: 'is required on this instance' }],
  })
}

async function requireOpen({ closures }: CreationDeps, instance: string): Promise<void> {
  const closed = await closures.current(instance)
  if (closed === null) return
  const until = `${closed.until.slice(0, 16).replace('T', ' ')} UTC`
  const reason = closed.reason.replace(/[.!?…]$/, '')
  throw new AppError('instance-closed', {
    detail: `Instance "${instance}" takes no new deployments until ${until}: ${reason}. Deploy to another instance, or try again then. What is there can be changed and deleted.`,
  })
}

async function applyBlessed(
  ctx: RequestContext,
  deps: CreationDeps,
  instance: string,
  { spec = {}, template: id }: Pick<CreateDeploymentInput, 'spec' | 'template'>,
): Promise<DeploymentSpec> {
  const template = (await deps.templates.list()).find((each) => each.id === id)
  if (!template || !isFor(template, instance)) {
    throw new AppError('deployment-invalid', {
      detail: `There is no template "${id}" for instance "${instance}". GET /api/templates lists those that you can use.`,
      errors: [{ pointer: '/template', detail: 'is not a template for this instance' }],
    })
  }
  const applied = applyTemplate(template, spec)
  if ('errors' in applied) {
    throw new AppError('deployment-invalid', {
      detail: `Template "${id}" and what was given beside it make no valid deployment: see the fields.`,
      errors: applied.errors.map(({ detail, pointer }) => ({ pointer: `/spec${pointer}`, detail })),
    })
  }
  await refuseFields(ctx, deps, instance, applied.own, { blessed: applied.spec })
  return applied.spec
}

function isFor({ instanceIds }: Template, instance: string): boolean {
  return instanceIds === null || instanceIds.includes(instance)
}
