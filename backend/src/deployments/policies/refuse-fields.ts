import type { DeploymentSpecPatch, FieldError, InstancePolicy } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isAllowed } from '#rbac'
import { findRefused } from './find-refused.ts'
import type { Policies } from './policies.ts'

/**
 * Refuses what the policy of an instance refuses of a spec, or of what a patch of one sets; returns that policy. What is
 * `blessed` was set by an administrator's template: its images alone have to pass. Throws `deployment-invalid`, with
 * pointers below `/spec`.
 */
export async function refuseFields(
  ctx: RequestContext,
  { policies }: { policies: Pick<Policies, 'of'> },
  instance: string,
  spec: DeploymentSpecPatch,
  { blessed = {} }: { blessed?: DeploymentSpecPatch } = {},
): Promise<InstancePolicy> {
  const policy = await policies.of(instance)
  const errors = [
    ...findRefused(spec, policy, { isAdmin: isAdminOf(ctx, instance) }),
    ...findRefused(blessed, policy, { isAdmin: true }),
  ]
  if (errors.length > 0) throw refused(instance, errors)
  return policy
}

export function isAdminOf(ctx: RequestContext, instance: string): boolean {
  return isAllowed(ctx, 'instance.manage', { instance, namespace: null })
}

function refused(instance: string, errors: readonly FieldError[]): AppError {
  const byPointer = new Map(errors.map((error) => [error.pointer, error]))
  return new AppError('deployment-invalid', {
    detail: `Instance "${instance}" does not accept such a deployment: its policy refuses what the fields say.`,
    errors: [...byPointer.values()].map(({ detail, pointer }) => ({
      pointer: `/spec${pointer}`,
      detail,
    })),
  })
}
