import type { Grant, Permission } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import type { Actor, GuestActor, ServiceActor, UserActor } from '#context'
import { AppError } from '#errors'
import { clusterRightsOf, grant } from '../../test/contexts.ts'
import {
  authorize,
  findCoveringGrants,
  instanceNotFound,
  isAllowed,
  isOffered,
  mayAnywhere,
  refuseModelsOnly,
  requireCaller,
  requireUser,
  unauthenticated,
  unknownPerson,
} from './authorize.ts'
import type { Scope } from './decide.ts'

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

function programOf(grants: Grant[]) {
  const actor: ServiceActor = {
    type: 'service',
    servicePrincipalId: 's',
    clientId: 'ci',
    principal: 'service:ci@https://issuer.test',
    displayName: 'ci',
    expiresAt: new Date('2026-01-02T00:00:00Z'),
    grants,
    restingInstances: new Set(),
  }
  return { actor, now: () => new Date('2026-01-01T00:00:00Z') }
}

/** Of the gateway's own issuer: nobody in the hub's books. */
function guestOf(grants: Grant[]): GuestActor {
  return {
    type: 'guest',
    issuer: 'https://issuer.test',
    clientId: null,
    principal: 'user:vera@https://issuer.test',
    displayName: 'vera',
    expiresAt: new Date('2026-01-02T00:00:00Z'),
    grants,
    restingInstances: new Set(),
  }
}

/** Of one cluster that knows people. */
function rightsOf(said: Parameters<typeof clusterRightsOf>[0] = {}) {
  return clusterRightsOf({ personal: new Set(['east']), ...said })
}

function errorOf(run: () => unknown): AppError | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

const ours = { instance: 'east', namespace: 'ml-team' }
const everywhere = { instance: null, namespace: null }
const system: Actor = { type: 'system' }
const anonymous: Actor = { type: 'anonymous' }

describe('who asks', () => {
  const { now } = contextOf([])

  test('the hub itself may all, and somebody unknown nothing', () => {
    for (const scope of [ours, everywhere]) {
      expect(isAllowed({ actor: system, now }, 'instance.manage', scope)).toBe(true)
      expect(isAllowed({ actor: anonymous, now }, 'instance.view', scope)).toBe(false)
    }
    expect(isOffered({ actor: system, now }, 'deployment.create', ours)).toBe(true)
    expect(isOffered({ actor: anonymous, now }, 'deployment.create', ours)).toBe(false)
  })

  test('a program may what it holds, and no more', () => {
    const program = programOf([grant('deployer', { namespaces: ['ml-team'] })])
    expect(isAllowed(program, 'deployment.create', ours)).toBe(true)
    expect(isOffered(program, 'deployment.create', ours)).toBe(true)
    expect(isAllowed(program, 'deployment.create', { ...ours, namespace: 'other' })).toBe(false)
  })

  test('whoever may passes', () => {
    expect(
      errorOf(() => authorize(contextOf([grant('viewer')]), 'deployment.view', ours)),
    ).toBeNull()
    expect(
      errorOf(() => authorize({ actor: system, now }, 'instance.manage', everywhere)),
    ).toBeNull()
  })

  test('somebody unknown is asked to sign in before anything is said of what there is', () => {
    for (const scope of [ours, everywhere]) {
      const error = errorOf(() => authorize({ actor: anonymous, now }, 'deployment.view', scope))
      expect(error).toMatchObject({
        code: 'unauthenticated',
        detail: 'You are not signed in. Sign in and try again.',
      })
    }
  })

  test('whoever was signed in until a moment ago is told why that ended', () => {
    const ended: Actor = { type: 'anonymous', ended: 'An administrator ended your session.' }
    expect(errorOf(() => authorize({ actor: ended, now }, 'deployment.view', ours))).toMatchObject({
      code: 'session-ended',
      detail: 'An administrator ended your session. Sign in again to continue.',
    })
    for (const actor of [undefined, anonymous, contextOf([]).actor]) {
      expect(unauthenticated(actor).code).toBe('unauthenticated')
    }
  })

  test('a person and a program are callers; only a person is a user', () => {
    const person = contextOf([]).actor
    const program = programOf([]).actor
    expect(requireCaller(person)).toBe(person)
    expect(requireCaller(program)).toBe(program)
    expect(requireUser(person)).toBe(person)
    expect(errorOf(() => requireUser(program))).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(/^This is for people/) as string,
    })
    for (const actor of [anonymous, system]) {
      expect(errorOf(() => requireCaller(actor))?.code).toBe('unauthenticated')
      expect(errorOf(() => requireUser(actor))?.code).toBe('unauthenticated')
    }
  })

  test('a guest may what their door gives, and is no user: the hub does not know them', () => {
    const guest = guestOf([grant('viewer', { only: 'deployment.chat' })])
    expect(isAllowed({ actor: guest, now }, 'deployment.chat', ours)).toBe(true)
    expect(isAllowed({ actor: guest, now }, 'deployment.view', ours)).toBe(false)
    expect(requireCaller(guest)).toBe(guest)
    const cause = new Error('no row')
    expect(errorOf(() => requireUser(guest))).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('does not know this person') as string,
    })
    expect(unknownPerson(cause)).toMatchObject({ code: 'forbidden', cause })
  })

  test('a token for models alone is refused where models are not used, and nothing else is', () => {
    const token = (isUseOnly: boolean) =>
      contextOf([], { credential: { type: 'token', id: 't', name: 'chat', isUseOnly } }).actor
    expect(errorOf(() => refuseModelsOnly(token(true)))).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('for using models alone') as string,
    })
    for (const actor of [token(false), contextOf([]).actor, programOf([]).actor, system]) {
      expect(errorOf(() => refuseModelsOnly(actor))).toBeNull()
    }
  })
})

describe('a refusal', () => {
  const refuse = (held: Grant[], permission: Permission, scope: Scope) =>
    errorOf(() => authorize(contextOf(held), permission, scope))

  test('says where the right is missing', () => {
    const viewer = [grant('viewer')]
    expect(refuse(viewer, 'instance.manage', everywhere)).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(/include instance\.manage in this hub\./) as string,
    })
    expect(refuse(viewer, 'deployment.create', { ...ours, namespace: null })).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(/include deployment\.create on instance "east"\./) as string,
    })
    expect(refuse(viewer, 'deployment.create', ours)).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(/in namespace "ml-team" of instance "east"\./) as string,
    })
  })

  test('leaves for the audit log what was asked for, also where it says that there is nothing', () => {
    const asked = { permission: 'deployment.create', ...ours }
    const viewer = [grant('viewer')]
    expect(refuse(viewer, 'deployment.create', ours)).toMatchObject({
      code: 'forbidden',
      denial: asked,
    })
    const elsewhere = [grant('deployer', { instanceId: 'west' })]
    expect(refuse(elsewhere, 'deployment.create', ours)).toMatchObject({
      code: 'not-found',
      denial: asked,
    })
    expect(instanceNotFound(contextOf(viewer), 'nope').denial).toBeUndefined()
  })
})

describe('whether somebody may anywhere', () => {
  const { now } = contextOf([])
  const ended = { endsAt: '2025-12-31T00:00:00.000Z' }

  test('the hub itself may, and somebody unknown nowhere', () => {
    expect(mayAnywhere({ actor: system, now }, 'deployment.create')).toBe(true)
    expect(mayAnywhere({ actor: anonymous, now }, 'deployment.create')).toBe(false)
  })

  test.each<[string, Grant[], Permission, boolean]>([
    ['without a grant', [], 'instance.view', false],
    ['by a role in the whole hub', [grant('deployer')], 'deployment.create', true],
    ['by a lesser one', [grant('viewer')], 'deployment.create', false],
    ['by the second grant', [grant('viewer'), grant('deployer')], 'deployment.create', true],
    ['on one instance', [grant('viewer', { instanceId: 'west' })], 'deployment.view', true],
    [
      'in one namespace',
      [grant('deployer', { instanceId: 'west', namespaces: ['ml-team'] })],
      'deployment.create',
      true,
    ],
    ['in no namespace', [grant('deployer', { namespaces: [] })], 'deployment.create', false],
    ['by a grant that has ended', [grant('deployer', ended)], 'deployment.create', false],
    [
      'by a grant for models alone',
      [grant('deployer', { only: 'deployment.chat' })],
      'deployment.create',
      false,
    ],
    ['in the hub, as an administrator', [grant('admin')], 'user.manage', true],
    ['in the hub, as a deployer', [grant('deployer')], 'user.manage', false],
  ])('%s', (_, grants, permission, may) => {
    expect(mayAnywhere(contextOf(grants), permission)).toBe(may)
  })

  test('where a cluster decides alone', () => {
    const alone = { clusterRights: rightsOf({ alone: new Set(['east']) }) }
    expect(mayAnywhere(contextOf([], alone), 'deployment.create')).toBe(true)
    expect(mayAnywhere(contextOf([], alone), 'user.manage')).toBe(false)
    expect(mayAnywhere(contextOf([], { clusterRights: rightsOf() }), 'deployment.create')).toBe(
      false,
    )
  })
})

describe('the grants that alone are enough', () => {
  const viewer = grant('viewer', { id: 'viewer' })
  const deployer = grant('deployer', { id: 'deployer', namespaces: ['ml-team'] })

  test('are each of them, and no other', () => {
    const ctx = contextOf([viewer, deployer])
    expect(findCoveringGrants(ctx, 'deployment.view', ours)).toEqual([viewer, deployer])
    expect(findCoveringGrants(ctx, 'deployment.create', ours)).toEqual([deployer])
    expect(findCoveringGrants(programOf([viewer]), 'deployment.view', ours)).toEqual([viewer])
    const elsewhere = { ...ours, namespace: 'other' }
    expect(findCoveringGrants(ctx, 'deployment.create', elsewhere)).toEqual([])
  })

  test('are none of somebody unknown, nor of the hub, which needs none', () => {
    for (const actor of [anonymous, system]) {
      const ctx = { actor, now: contextOf([]).now }
      expect(findCoveringGrants(ctx, 'deployment.view', ours)).toEqual([])
    }
  })
})

describe('on an instance whose cluster decides alone', () => {
  const clusterRights = rightsOf({ alone: new Set(['east']), visible: new Set(['east/ml-team']) })
  const alone = (limits: Partial<UserActor> = {}) => contextOf([], { clusterRights, ...limits })
  const instance = { instance: 'east', namespace: null }

  test('people may there what the cluster lets them, and elsewhere and in the hub nothing', () => {
    const permissions = ['instance.view', 'deployment.view', 'deployment.create'] as const
    for (const permission of permissions) {
      expect(isAllowed(alone(), permission, instance)).toBe(true)
      expect(isAllowed(alone(), permission, { instance: 'west', namespace: null })).toBe(false)
      expect(isAllowed(alone(), permission, everywhere)).toBe(false)
    }
    expect(isAllowed(alone(), 'deployment.delete', { ...ours, namespace: 'hidden' })).toBe(true)
    expect(isAllowed(alone(), 'deployment.view', { ...ours, namespace: 'hidden' })).toBe(false)
    expect(isAllowed(alone(), 'instance.manage', instance)).toBe(false)
  })

  test('while it rests, nobody may anything', () => {
    const ctx = alone({ restingInstances: new Set(['east']) })
    expect(isAllowed(ctx, 'instance.view', instance)).toBe(false)
    expect(isAllowed(ctx, 'deployment.create', ours)).toBe(false)
  })

  test('models that are for deployers are for whoever may create where they are, and listed to all', () => {
    const keepsModels = (name: string) => name === 'east'
    const creatable = new Set(['east/ml-team'])
    const creator = alone({ keepsModels, clusterRights: { ...clusterRights, creatable } })
    expect(isAllowed(creator, 'deployment.chat', ours)).toBe(true)
    expect(isAllowed(alone({ keepsModels }), 'deployment.chat', ours)).toBe(false)
    expect(isAllowed(alone({ keepsModels }), 'deployment.chat', instance)).toBe(true)
    expect(isAllowed(alone(), 'deployment.chat', ours)).toBe(true)
  })
})

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

describe('on an instance whose models are for deployers', () => {
  const keepsModels = (instance: string) => instance === 'east'
  const mayUse = (held: Grant[], limits: Partial<UserActor> = {}, instance = 'east') =>
    isAllowed(contextOf(held, { keepsModels, ...limits }), 'deployment.chat', {
      ...ours,
      instance,
    })

  test('a viewer uses none of them, and all of the others', () => {
    expect(mayUse([grant('viewer')])).toBe(false)
    expect(mayUse([grant('viewer')], {}, 'west')).toBe(true)
    const ctx = contextOf([grant('viewer')], { keepsModels })
    expect(isAllowed(ctx, 'deployment.view', ours)).toBe(true)
    expect(findCoveringGrants(ctx, 'deployment.chat', ours)).toEqual([])
  })

  test('a deployer does where they deploy, by a token for models alone too, and an administrator does', () => {
    expect(mayUse([grant('deployer', { namespaces: ['ml-team'] })])).toBe(true)
    expect(mayUse([grant('deployer', { namespaces: ['other'] })])).toBe(false)
    expect(mayUse([grant('deployer', { only: 'deployment.chat' })])).toBe(true)
    expect(mayUse([grant('admin')])).toBe(true)
  })

  test('whoever is refused is told why', () => {
    const ctx = contextOf([grant('viewer')], { keepsModels })
    expect(errorOf(() => authorize(ctx, 'deployment.chat', ours))).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('keeps models for deployers') as string,
    })
  })

  test('where the cluster decides alone, whoever may create there is a deployer', () => {
    const rights = (creatable: string[]) =>
      rightsOf({
        alone: new Set(['east']),
        visible: new Set(['east/ml-team']),
        creatable: new Set(creatable),
      })
    expect(mayUse([], { clusterRights: rights([]) })).toBe(false)
    expect(mayUse([], { clusterRights: rights(['east/ml-team']) })).toBe(true)
  })
})

describe('on an instance that is asked on behalf of people', () => {
  const clusterRights = rightsOf({
    visible: new Set(['east/ml-team', 'east/granted-by-the-cluster-alone']),
  })

  test('deployments are seen, and their models used, where grants and cluster both say so', () => {
    const ctx = contextOf([grant('viewer', { namespaces: ['ml-team', 'other'] })], {
      clusterRights,
    })
    for (const permission of ['deployment.view', 'deployment.chat'] as const) {
      const sees = (instance: string, namespace: string) =>
        isAllowed(ctx, permission, { instance, namespace })
      expect(sees('east', 'ml-team')).toBe(true)
      expect(sees('east', 'other')).toBe(false)
      expect(sees('east', 'granted-by-the-cluster-alone')).toBe(false)
      expect(sees('west', 'other')).toBe(true)
    }
  })

  test('an administrator is no exception', () => {
    const ctx = contextOf([grant('admin')], { clusterRights })
    const other = { instance: 'east', namespace: 'other' }
    expect(isAllowed(ctx, 'deployment.view', other)).toBe(false)
    expect(isAllowed(ctx, 'instance.view', { instance: 'east', namespace: null })).toBe(true)
  })

  test('only namespaces are hidden, not the instance, nor the hub', () => {
    const ctx = contextOf([grant('admin')], { clusterRights })
    expect(isAllowed(ctx, 'deployment.view', { instance: 'east', namespace: null })).toBe(true)
    expect(isAllowed(ctx, 'deployment.view', everywhere)).toBe(true)
  })
})

describe('H48: what the cluster says of a person', () => {
  const clusterRights = rightsOf({
    visible: new Set(['east/ml-team', 'east/read-only']),
    creatable: new Set(['east/ml-team']),
    updatable: new Set(['east/ml-team']),
  })
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
      permission: Parameters<typeof isOffered>[1],
      namespace: string | null,
    ) => isOffered(ctx, permission, { instance: 'east', namespace })
    expect(offers(deployer, 'deployment.create', 'ml-team')).toBe(true)
    expect(offers(deployer, 'deployment.create', 'read-only')).toBe(false)
    expect(offers(deployer, 'deployment.create', null)).toBe(true)
    expect(offers(deployer, 'deployment.update', 'ml-team')).toBe(true)
    expect(offers(deployer, 'deployment.update', 'read-only')).toBe(false)
    expect(offers(deployer, 'deployment.delete', 'ml-team')).toBe(false)
    expect(offers(deployer, 'deployment.delete', null)).toBe(false)
    const viewer = contextOf([grant('viewer')], { clusterRights })
    expect(offers(viewer, 'deployment.create', 'ml-team')).toBe(false)
  })

  test('does not decide what is done: the cluster itself is asked then', () => {
    for (const namespace of ['read-only', 'hidden']) {
      expect(isAllowed(deployer, 'deployment.create', { instance: 'east', namespace })).toBe(true)
    }
  })

  test('is of the clusters that are asked: elsewhere the grants are all there is', () => {
    const west = { instance: 'west', namespace: 'any' }
    expect(isOffered(deployer, 'deployment.create', west)).toBe(true)
    expect(isOffered(deployer, 'deployment.delete', { ...west, namespace: null })).toBe(true)
    expect(isOffered(contextOf([grant('deployer')]), 'deployment.create', ours)).toBe(true)
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
    expect(thrownBy(deployer, 'hidden')).toMatchObject({
      denial: { permission: 'deployment.view', instance: 'east', namespace: 'hidden' },
    })
  })

  const known = (describeBinding: (namespace: string) => string | null) =>
    rightsOf({ known: new Map([['east', { username: 'oidc:vera', describeBinding }]]) })

  test('names the user that the cluster knows, and how to bind them', () => {
    const refuse = (describeBinding: (namespace: string) => string | null) =>
      thrownBy(contextOf([grant('deployer')], { clusterRights: known(describeBinding) }), 'hidden')
    expect(refuse((namespace) => `kubectl create rolebinding -n ${namespace}`)).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(
        /knows as "oidc:vera", see deployments in namespace "hidden"\..* bind you there, such as: kubectl create rolebinding -n hidden$/,
      ) as string,
    })
    expect(refuse(() => null)).toMatchObject({
      detail: expect.stringMatching(/can bind you there\.$/) as string,
    })
  })

  test("is the cluster's word too where it decides alone", () => {
    const alone = { ...known(() => null), alone: new Set(['east']) }
    expect(thrownBy(contextOf([], { clusterRights: alone }), 'hidden')).toMatchObject({
      code: 'forbidden',
      detail: expect.stringMatching(/^Kubernetes on "east" does not let you, whom/) as string,
    })
  })

  test('is missing for want of a token, and that is said', () => {
    const clusterRightsOfNobody = rightsOf({
      known: new Map([['east', null]]),
      unanswered: new Map([['east', 'Sign in again.']]),
    })
    const ctx = contextOf([grant('deployer')], { clusterRights: clusterRightsOfNobody })
    expect(thrownBy(ctx, 'hidden')).toMatchObject({
      code: 'no-cluster-token',
      detail: 'Sign in again.',
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
  const token = {
    credential: { type: 'token', id: 't', name: 'laptop', isUseOnly: false },
  } as const
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

  test('a program has no narrower credential than itself: it is sent to an administrator', () => {
    const program = programOf([grant('viewer')])
    expect(instanceNotFound(program, 'nope').detail).toMatch(/ask an administrator for access\.$/)
    expect(errorOf(() => authorize(program, 'deployment.create', ours))?.detail).toMatch(
      /^Your access does not include .* Ask an administrator for a role/,
    )
  })
})
