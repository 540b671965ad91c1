import type { Grant } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import type { UserActor } from '#context'
import { isAllowed } from './authorize.ts'

const grant = (role: Grant['role'], scope: Partial<Grant> = {}): Grant => ({
  id: 'g',
  role,
  instanceId: null,
  namespaces: null,
  source: 'manual',
  endsAt: null,
  ...scope,
})

function contextOf(grants: Grant[], limits: Partial<UserActor> = {}) {
  const actor: UserActor = {
    type: 'user',
    userId: 'u',
    principal: 'oidc:u',
    displayName: 'U',
    email: null,
    provider: 'oidc',
    credential: { type: 'session', id: 's', authenticatedAt: new Date(0) },
    grants,
    restingInstances: new Set(),
    ...limits,
  }
  return { actor, now: () => new Date('2026-01-01T00:00:00Z') }
}

const ours = { instance: 'east', namespace: 'ml-team' }

describe('on an instance that rests', () => {
  const restingInstances = new Set(['east'])

  test.each<[string, Grant]>([
    ['a hub-wide deployer', grant('deployer')],
    ['a deployer there', grant('deployer', { instanceId: 'east' })],
    ['a viewer of one namespace', grant('viewer', { namespaces: ['ml-team'] })],
  ])('%s may nothing, and elsewhere as before', (_, held) => {
    const ctx = contextOf([held], { restingInstances })
    const instance = { instance: 'east', namespace: null }
    expect(isAllowed(ctx, 'instance.view', instance)).toBe(false)
    expect(isAllowed(ctx, 'deployment.view', ours)).toBe(false)
    expect(isAllowed(ctx, 'deployment.create', ours)).toBe(false)
    const elsewhere = contextOf([held])
    expect(isAllowed(elsewhere, 'instance.view', instance)).toBe(true)
  })

  test('an administrator may as before', () => {
    const ctx = contextOf([grant('admin')], { restingInstances })
    expect(isAllowed(ctx, 'instance.manage', { instance: null, namespace: null })).toBe(true)
    expect(isAllowed(ctx, 'deployment.view', ours)).toBe(true)
  })

  test('it counts again as soon as the instance no longer rests', () => {
    const live = new Set(['east'])
    const ctx = contextOf([grant('viewer')], { restingInstances: live })
    expect(isAllowed(ctx, 'deployment.view', ours)).toBe(false)
    live.delete('east')
    expect(isAllowed(ctx, 'deployment.view', ours)).toBe(true)
  })
})

describe('on an instance that is asked on behalf of people', () => {
  const clusterRights = {
    impersonated: new Set(['east']),
    visible: new Set(['east/ml-team', 'east/granted-by-the-cluster-alone']),
  }

  test('deployments are seen where grants and cluster both say so', () => {
    const ctx = contextOf([grant('viewer', { namespaces: ['ml-team', 'other'] })], {
      clusterRights,
    })
    const sees = (instance: string, namespace: string) =>
      isAllowed(ctx, 'deployment.view', { instance, namespace })
    expect(sees('east', 'ml-team')).toBe(true)
    expect(sees('east', 'other')).toBe(false)
    expect(sees('east', 'granted-by-the-cluster-alone')).toBe(false)
    expect(sees('west', 'other')).toBe(true)
  })

  test('an administrator is no exception', () => {
    const ctx = contextOf([grant('admin')], { clusterRights })
    const other = { instance: 'east', namespace: 'other' }
    expect(isAllowed(ctx, 'deployment.view', other)).toBe(false)
    expect(isAllowed(ctx, 'instance.view', { instance: 'east', namespace: null })).toBe(true)
  })
})
