import { permissions, roles, type Permission } from '@hub/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grant } from '../../test/contexts.ts'
import { decide, hubWide } from './decide.ts'

const now = new Date('2026-11-22T12:00:00Z')

describe('decide', () => {
  const at = { instance: 'prod-east', namespace: 'ml-team' }
  const table: [Permission, boolean, boolean, boolean][] = [
    ['instance.view', true, true, true],
    ['deployment.view', true, true, true],
    ['deployment.create', true, true, false],
    ['deployment.update', true, true, false],
    ['deployment.delete', true, true, false],
    ['deployment.chat', true, true, true],
    ['user.manage', true, false, false],
    ['grant.manage', true, false, false],
    ['group-mapping.manage', true, false, false],
    ['instance.manage', true, false, false],
    ['audit.view', true, false, false],
  ]

  test('the table names every permission', () => {
    expect(table.map(([permission]) => permission).toSorted()).toEqual([...permissions].toSorted())
  })

  test.each(table)(
    '%s: admin %s, deployer %s, viewer %s',
    (permission, admin, deployer, viewer) => {
      expect(decide([grant('admin')], permission, at, now)).toBe(admin)
      expect(decide([grant('deployer')], permission, at, now)).toBe(deployer)
      expect(decide([grant('viewer')], permission, at, now)).toBe(viewer)
      expect(decide([], permission, at, now)).toBe(false)
    },
  )

  test("hub-wide permissions are the administrators' alone", () => {
    expect(decide([grant('admin')], 'audit.view', hubWide, now)).toBe(true)
    expect(decide([grant('deployer')], 'deployment.create', hubWide, now)).toBe(false)
  })

  test('a grant counts on its instance and in its namespaces only', () => {
    const grants = [grant('deployer', { instanceId: 'prod-east', namespaces: ['ml-team'] })]
    const may = (instance: string, namespace: string | null) =>
      decide(grants, 'deployment.create', { instance, namespace }, now)
    expect(may('prod-east', 'ml-team')).toBe(true)
    expect(may('prod-east', 'other')).toBe(false)
    expect(may('prod-west', 'ml-team')).toBe(false)
  })

  test('an admin grant with a scope gives nothing', () => {
    for (const rest of [{ instanceId: 'prod-east' }, { namespaces: ['ml-team'] }]) {
      expect(decide([grant('admin', rest)], 'deployment.view', at, now)).toBe(false)
    }
  })

  test('no namespaces at all is not every namespace', () => {
    const grants = [grant('deployer', { namespaces: [] })]
    expect(decide(grants, 'deployment.view', at, now)).toBe(false)
    expect(decide(grants, 'instance.view', { instance: 'prod-east', namespace: null }, now)).toBe(
      false,
    )
  })

  test('"all namespaces" lets a deployer look into kube-system but not deploy there', () => {
    const kube = { instance: 'prod-east', namespace: 'kube-system' }
    expect(decide([grant('deployer')], 'deployment.create', kube, now)).toBe(false)
    expect(decide([grant('deployer')], 'deployment.view', kube, now)).toBe(true)
    expect(decide([grant('admin')], 'deployment.create', kube, now)).toBe(true)
    const named = [grant('deployer', { namespaces: ['kube-system'] })]
    expect(decide(named, 'deployment.create', kube, now)).toBe(true)
  })

  test('a grant is over at its end, to the millisecond', () => {
    const ends = (endsAt: string) =>
      decide([grant('viewer', { endsAt })], 'deployment.view', at, now)
    expect(ends('2026-11-22T12:00:00.001Z')).toBe(true)
    expect(ends('2026-11-22T12:00:00.000Z')).toBe(false)
  })
})

describe('decide, for any grants', () => {
  const name = fc.constantFrom('a', 'b', 'kube-system')
  const anyGrant = fc.record({
    id: fc.constant('g'),
    role: fc.constantFrom(...roles),
    instanceId: fc.option(name),
    namespaces: fc.option(fc.array(name, { maxLength: 3 })),
    source: fc.constant('manual' as const),
    endsAt: fc.option(fc.constantFrom('2026-11-22T11:00:00Z', '2026-11-22T13:00:00Z')),
  })
  const anyScope = fc.record({ instance: fc.option(name), namespace: fc.option(name) })
  const anyPermission = fc.constantFrom(...permissions)

  test('one more grant never takes a right away', () => {
    fc.assert(
      fc.property(
        fc.array(anyGrant),
        anyGrant,
        anyPermission,
        anyScope,
        (grants, more, permission, scope) => {
          fc.pre(decide(grants, permission, scope, now))
          return decide([...grants, more], permission, scope, now)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a scoped grant sees nothing outside itself', () => {
    fc.assert(
      fc.property(anyGrant, anyPermission, anyScope, (one, permission, scope) => {
        fc.pre(decide([one], permission, scope, now))
        const isInside =
          (one.instanceId === null || one.instanceId === scope.instance) &&
          (one.namespaces === null ||
            scope.namespace === null ||
            one.namespaces.includes(scope.namespace))
        return isInside
      }),
      { numRuns: 1000 },
    )
  })

  test('admin is hub-wide or nothing', () => {
    fc.assert(
      fc.property(anyGrant, anyPermission, anyScope, (one, permission, scope) => {
        const admin = { ...one, role: 'admin' as const }
        const isHubWide = one.instanceId === null && one.namespaces === null
        return isHubWide || !decide([admin], permission, scope, now)
      }),
    )
  })
})
