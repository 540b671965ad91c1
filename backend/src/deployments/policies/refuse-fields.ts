import type { DeploymentSpecPatch } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isAllowed } from '#rbac'
import type { DeploymentDeps } from '../deps.ts'
import { defaultPolicy, findRefused } from './find-refused.ts'

/** Throws `deployment-invalid`, with pointers below `/spec`, where the policy of an instance refuses what is to be set. */
export async function refuseFields(
  ctx: RequestContext,
  _deps: DeploymentDeps,
  instance: string,
  spec: DeploymentSpecPatch,
): Promise<void> {
  const isAdmin = isAllowed(ctx, 'instance.manage', { instance, namespace: null })
  const errors = findRefused(spec, defaultPolicy, { isAdmin })
  if (errors.length === 0) return
  throw new AppError('deployment-invalid', {
    detail: `Instance "${instance}" takes no such deployment: its policy refuses what the fields say.`,
    errors: errors.map(({ detail, pointer }) => ({ pointer: `/spec${pointer}`, detail })),
  })
}
