import type { KubeObject } from '../objects.ts'
import { createInternally } from './create.ts'
import type { ServerContext } from './request-context.ts'

const rbac = 'rbac.authorization.k8s.io'

/** Creates what a new cluster has: system namespaces and the roles everybody relies on. */
export function bootstrap(context: ServerContext): void {
  for (const object of [...namespaces(), ...roles()]) {
    const resource = context.registry.findByKind(object.apiVersion!, object.kind!)!
    createInternally(context, resource, object)
  }
}

function namespaces(): KubeObject[] {
  return ['kube-system', 'kube-public', 'kube-node-lease', 'default'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }))
}

function roles(): KubeObject[] {
  const health = ['/healthz', '/livez', '/readyz', '/version', '/version/']
  const discovery = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*']
  const reviews = (apiGroup: string, ...resources: string[]) => ({
    apiGroups: [apiGroup],
    resources,
    verbs: ['create'],
  })
  const paths = (nonResourceURLs: string[]) => ({ nonResourceURLs, verbs: ['get'] })
  return [
    ...grant(
      'cluster-admin',
      ['system:masters'],
      [
        { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
        { nonResourceURLs: ['*'], verbs: ['*'] },
      ],
    ),
    ...grant(
      'system:basic-user',
      ['system:authenticated'],
      [
        reviews('authorization.k8s.io', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews'),
        reviews('authentication.k8s.io', 'selfsubjectreviews'),
      ],
    ),
    ...grant('system:discovery', ['system:authenticated'], [paths([...discovery, ...health])]),
    ...grant(
      'system:public-info-viewer',
      ['system:authenticated', 'system:unauthenticated'],
      [paths(health)],
    ),
  ]
}

function grant(name: string, groups: string[], rules: object[]): KubeObject[] {
  const metadata = { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }
  const apiVersion = `${rbac}/v1`
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: groups.map((group) => ({ apiGroup: rbac, kind: 'Group', name: group })),
    },
  ]
}
