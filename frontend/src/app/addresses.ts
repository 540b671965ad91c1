import type { Deployment } from '@hub/shared'

/** The page of an instance. */
export function addressInstance(id: string): string {
  return `/instances/${encodeURIComponent(id)}`
}

/** The page of a deployment. */
export function addressDeployment({
  instance,
  namespace,
  name,
}: Pick<Deployment, 'instance' | 'namespace' | 'name'>): string {
  const below = ['namespaces', namespace, 'deployments', name].map(encodeURIComponent)
  return [addressInstance(instance), ...below].join('/')
}
