import { expect, test } from 'vitest'
import type { RequestContext } from '#context'
import { ClusterError } from '#kube'
import type { ClusterInstance } from '../clusters/cluster-instance.ts'
import { listNamespaces } from './list-namespaces.ts'
import type { InstanceDeps } from './list-instances.ts'
import { contextOf, grant } from '../../test/contexts.ts'

test('a program, as a person, is offered the namespaces of its grants where the cluster does not list them', async () => {
  const grants = [grant('deployer', { instanceId: 'prod', namespaces: ['team-a'] })]
  const ofPerson = contextOf(grants)
  const ofProgram: RequestContext = {
    ...ofPerson,
    actor: {
      type: 'service',
      servicePrincipalId: 's',
      clientId: 'ci',
      principal: 'service:ci@https://id.example.com',
      displayName: 'ci',
      expiresAt: new Date(),
      grants,
      restingInstances: new Set(),
    },
  }
  const instance = { contextNamespace: null, status: { state: 'degraded' } } as ClusterInstance
  const error = new ClusterError('forbidden', { message: 'cannot list' })
  const deps = {
    instances: { find: () => instance },
    fleet: { knownNamespaces: () => ({ items: null, error }) },
  } as unknown as InstanceDeps
  for (const ctx of [ofPerson, ofProgram]) {
    expect(await listNamespaces(ctx, deps, 'prod')).toEqual({
      items: [{ name: 'team-a', abilities: { deploy: true } }],
      complete: false,
    })
  }
})
