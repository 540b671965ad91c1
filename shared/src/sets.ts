// Closed sets of names, and the rule for names, without zod: who only needs these loads no more.

/** Ordered from least to most: a later role includes every permission of the earlier ones. */
export const roles = ['viewer', 'deployer', 'admin'] as const

export const permissions = [
  'instance.view',
  'deployment.view',
  'deployment.create',
  'deployment.update',
  'deployment.delete',
  'deployment.chat',
  'user.manage',
  'grant.manage',
  'group-mapping.manage',
  'instance.manage',
  'audit.view',
] as const

export const providerIds = ['entra', 'github', 'oidc'] as const

/** What lists of deployments can be sorted by. `status` is trouble first: attention, starting, deleting, running. */
export const deploymentSorts = [
  'name',
  'instance',
  'namespace',
  'phase',
  'createdAt',
  'status',
] as const

/**
 * How a deployment truly is, whatever phase its cluster's controller wrote last: told by its object, its pods, and what
 * stands in their way.
 */
export const deploymentStates = [
  'running',
  'partly-running',
  'starting',
  'downloading-model',
  'waiting-for-gpus',
  'waiting-for-node',
  'quota-used-up',
  'image-not-pulled',
  'crashing',
  'secret-missing',
  'volume-missing',
  'not-reconciled',
  'runtime-missing',
  'runtime-not-ready',
  'change-not-seen',
  'update-blocked',
  'paused',
  'failed',
  'deleting',
  'deletion-held',
  'unknown',
] as const

/** What a deployment is found under: each is in exactly one. */
export const deploymentStatuses = ['running', 'starting', 'attention', 'deleting'] as const

export const auditOutcomes = ['success', 'failure', 'unknown', 'denied', 'attempt'] as const

/** What usage is summed by. */
export const usageKeys = ['caller', 'team', 'instance', 'namespace', 'model'] as const

export const streamEventTypes = [
  'deployment',
  'deployment-removed',
  'instance',
  'instance-removed',
  'instances-seen',
  'access-requests',
  'reset',
] as const

/** A DNS label (RFC 1123 §2.1): what names an instance, a namespace and a deployment. */
export const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text)
}
