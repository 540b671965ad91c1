import type { DeploymentSpecPatch, FieldError, InstancePolicy } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isAllowed } from '#rbac'
import { findRefused } from './find-refused.ts'
import type { Policies } from './policies.ts'

/**
 * The policy of an instance, once what is to be set there passes it: a spec, or what a patch of one sets. What is
 * `blessed` was set by an administrator's template: its images alone have to pass. Throws
 * `deployment-invalid` with pointers below `/spec`.
 */
export async function requirePolicy(
  ctx: RequestContext,
  { policies }: { policies: Policies },
  instance: string,
  spec: DeploymentSpecPatch,
  { blessed = {} }: { blessed?: DeploymentSpecPatch } = {},
): Promise<InstancePolicy> {
  const policy = await policies.of(instance)
  const isAdmin = isAdminOf(ctx, instance)
  const errors = [
    ...findRefused(spec, policy, { isAdmin }),
    ...findRefused(blessed, policy, { isAdmin: true }),
  ]
  if (errors.length > 0) throw refuse(instance, errors)
  return policy
}

export function isAdminOf(ctx: RequestContext, instance: string): boolean {
  return isAllowed(ctx, 'instance.manage', { instance, namespace: null })
}

function refuse(instance: string, errors: readonly FieldError[]): AppError {
  const byPointer = new Map(errors.map((error) => [error.pointer, error]))
  return new AppError('deployment-invalid', {
    detail: `Instance "${instance}" takes no such deployment: its policy refuses what the fields say.`,
    errors: [...byPointer.values()].map(({ detail, pointer }) => ({
      pointer: `/spec${pointer}`,
      detail,
    })),
  })
}
