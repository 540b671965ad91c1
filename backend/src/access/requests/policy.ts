import type { Grant } from '@hub/shared'

type Asked = Pick<Grant, 'role' | 'instanceId' | 'namespaces'>

/** Whether a grant gives that very role at each of those places already, with no end date: there is nothing to ask for. */
export function isGivenBy(grant: Grant, { instanceId, namespaces, role }: Asked): boolean {
  if (grant.role !== role || grant.endsAt !== null) return false
  if (grant.instanceId !== null && grant.instanceId !== instanceId) return false
  if (grant.namespaces === null) {
    // "All" lets no deployer into Kubernetes' own namespaces: these have to be asked for.
    return role !== 'deployer' || !namespaces?.some((name) => name.startsWith('kube-'))
  }
  return namespaces !== null && namespaces.every((name) => grant.namespaces!.includes(name))
}
