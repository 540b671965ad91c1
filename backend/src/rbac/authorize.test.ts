import type { Grant } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import type { UserActor } from '#context'
import { authorize, instanceNotFound, isAllowed, isOffered } from './authorize.ts'

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
    creatable: new Set<string>(),
    deletable: new Set<string>(),
    unanswered: new Map<string, string>(),
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

describe('H48: what the cluster says of a person', () => {
  const clusterRights = {
    impersonated: new Set(['east']),
    visible: new Set(['east/ml-team', 'east/read-only']),
    creatable: new Set(['east/ml-team']),
    deletable: new Set<string>(),
    unanswered: new Map<string, string>(),
  }
  const deployer = contextOf([grant('deployer')], { clusterRights })
  const thrownBy = (ctx: typeof deployer, namespace: string) => {
    try {
      authorize(ctx, 'deployment.view', { instance: 'east', namespace })
      return null
    } catch (error) {
      return error
    }
  }

  test('is what is offered, and no more than the hub lets them', () => {
    const offers = (
      ctx: typeof deployer,
      permission: 'deployment.create' | 'deployment.delete',
      namespace: string | null,
    ) => isOffered(ctx, permission, { instance: 'east', namespace })
    expect(offers(deployer, 'deployment.create', 'ml-team')).toBe(true)
    expect(offers(deployer, 'deployment.create', 'read-only')).toBe(false)
    expect(offers(deployer, 'deployment.create', null)).toBe(true)
    expect(offers(deployer, 'deployment.delete', 'ml-team')).toBe(false)
    expect(offers(deployer, 'deployment.delete', null)).toBe(false)
    const viewer = contextOf([grant('viewer')], { clusterRights })
    expect(offers(viewer, 'deployment.create', 'ml-team')).toBe(false)
  })

  test('does not decide what is done: the cluster itself is asked then', () => {
    expect(
      isAllowed(deployer, 'deployment.create', { instance: 'east', namespace: 'read-only' }),
    ).toBe(true)
  })

  test("is told as the cluster's word", () => {
    expect(thrownBy(deployer, 'hidden')).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(
        /^Kubernetes on "east" does not let you .*bind your user "hub:oidc:u"/,
      ) as string,
    })
  })

  test("stays the hub's word where the hub itself says no", () => {
    const elsewhere = contextOf([grant('viewer', { namespaces: ['ml-team'] })], { clusterRights })
    expect(thrownBy(elsewhere, 'hidden')).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(/^Your access does not include/) as string,
    })
  })

  test('is no refusal where it said nothing', () => {
    const unanswered = new Map([['east', 'The cluster could not be asked.']])
    const ctx = contextOf([grant('deployer')], { clusterRights: { ...clusterRights, unanswered } })
    expect(thrownBy(ctx, 'hidden')).toMatchObject({
      code: 'instance-not-ready',
      detail: 'The cluster could not be asked.',
    })
  })
})

describe('H12: what is missing is said to whom it is said', () => {
  const token = { credential: { type: 'token', id: 't' } } as const
  const refusal = (...[grants, limits]: Parameters<typeof contextOf>) => {
    try {
      authorize(contextOf(grants, limits), 'deployment.create', ours)
      return 'allowed'
    } catch (error) {
      return (error as Error & { detail: string }).detail
    }
  }
  const missing = (...[grants, limits]: Parameters<typeof contextOf>) =>
    instanceNotFound(contextOf(grants, limits), 'nope').detail

  test('an administrator is told that it is not there, and is sent to nobody', () => {
    expect(missing([grant('admin')])).toBe(
      'There is no instance "nope" in this hub. Check the name.',
    )
    const over = grant('admin', { endsAt: '2025-01-01T00:00:00.000Z' })
    expect(missing([over])).toMatch(/that you can see\. Check the name, or ask an administrator/)
  })

  test('a member is sent to an administrator, with the same words whether or not it is there', () => {
    expect(missing([grant('viewer', { instanceId: 'west' })])).toBe(
      refusal([grant('viewer', { instanceId: 'west' })]).replace('east', 'nope'),
    )
    expect(refusal([grant('viewer')])).toMatch(/^Your access .* Ask an administrator for a role/)
  })

  test('whoever comes with a token is told that the token may be too narrow', () => {
    expect(missing([], token)).toMatch(/Check the name, or use a token that covers it\.$/)
    expect(refusal([grant('viewer')], token)).toMatch(/^This token does not include/)
  })
})
