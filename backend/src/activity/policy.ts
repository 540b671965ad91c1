import type { AuditAction } from '#audit'
import type { RequestContext } from '#context'
import { hubWide, isAllowed } from '#rbac'

const ofDeployments = [
  'deployment.create',
  'deployment.update',
  'deployment.delete',
] as const satisfies readonly AuditAction[]

/** Those that change who may what, and what the hub can reach. Sign-ins and reading are no changes. */
const ofAdministrators = [
  'access-request.approve',
  'access-request.create',
  'access-request.refuse',
  'config-file.apply',
  'credential.confirm',
  'credential.delete',
  'credential.put',
  'grant.create',
  'grant.delete',
  'grant.end',
  'grant.sync',
  'group-mapping.create',
  'group-mapping.delete',
  'group-mapping.update',
  'instance-policy.delete',
  'oidc-profile.put',
  'oidc-profile.delete',
  'instance-policy.put',
  'instance.close',
  'instance.open',
  'template.create',
  'template.delete',
  'template.update',
  'user.disable',
  'user.enable',
  'user.link',
  'user.unlink',
  'user.withdraw',
] as const satisfies readonly AuditAction[]

/** What somebody hears of, as far as the action decides; whoever may not read the audit log sees deployments alone. */
export function actionsFor(ctx: Pick<RequestContext, 'actor' | 'now'>): readonly AuditAction[] {
  return isAllowed(ctx, 'audit.view', hubWide)
    ? [...ofDeployments, ...ofAdministrators]
    : ofDeployments
}

export function isOfDeployment(action: string): boolean {
  return ofDeployments.some((each) => each === action)
}
