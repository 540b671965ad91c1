import { permissions, roles, type Grant } from '@hub/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, type Scope } from './decide.ts'
import { explainGrant } from './explain-grant.ts'

const now = new Date('2026-11-22T12:00:00Z')
const grant: Grant = {
  id: 'g',
  role: 'deployer',
  instanceId: null,
  namespaces: null,
  source: 'manual',
  endsAt: null,
}
const at: Scope = { instance: 'prod-east', namespace: 'ml-team' }

describe('explainGrant', () => {
  test('has a reason exactly where the decision is no', () => {
    fc.assert(
      fc.property(
        fc.record({
          role: fc.constantFrom(...roles),
          instanceId: fc.constantFrom(null, 'prod-east', 'prod-west'),
          namespaces: fc.constantFrom<(string[] | null)[]>(
            null,
            ['ml-team'],
            ['other'],
            ['kube-system'],
          ),
          endsAt: fc.constantFrom(null, '2026-11-22T11:00:00Z', '2026-11-22T13:00:00Z'),
        }),
        fc.constantFrom(...permissions),
        fc.constantFrom<Scope[]>(
          at,
          { instance: null, namespace: null },
          { instance: 'prod-east', namespace: null },
          { instance: 'prod-east', namespace: 'kube-system' },
        ),
        (change, permission, scope) => {
          const held = { ...grant, ...change }
          const reason = explainGrant(held, permission, scope, now)
          expect(reason === null).toBe(decide([held], permission, scope, now))
        },
      ),
    )
  })

  test.each([
    [{ endsAt: '2026-11-22T11:00:00Z' }, at, 'it ended at 2026-11-22T11:00:00Z'],
    [{ endsAt: '2026-11-22T12:00:00Z' }, at, 'it ended at 2026-11-22T12:00:00Z'],
    [{ endsAt: '2026-11-22T13:00:00Z', instanceId: 'prod-west' }, at, 'it is only for prod-west'],
    [{ instanceId: 'prod-east', namespaces: ['a'] }, at, 'it is only for the namespaces a'],
    [{ only: 'deployment.chat' as const }, at, 'it is for deployment.chat alone'],
    [{ role: 'viewer' as const }, at, 'deployment.create needs the role deployer'],
    [{ role: 'admin' as const, instanceId: 'prod-east' }, at, 'admin is always hub-wide'],
    [{}, { instance: null, namespace: null }, 'not in the whole hub'],
    [{ instanceId: 'prod-west' }, at, 'it is only for prod-west'],
    [{ namespaces: ['a', 'b'] }, at, 'it is only for the namespaces a, b'],
    [{}, { instance: 'prod-east', namespace: 'kube-system' }, "Kubernetes' own"],
  ])('%j: says why', (change, scope, reason) => {
    expect(explainGrant({ ...grant, ...change }, 'deployment.create', scope, now)).toContain(reason)
  })

  test('a grant for models alone is no reason where models are used', () => {
    const held = { ...grant, only: 'deployment.chat' as const, instanceId: 'prod-west' }
    expect(explainGrant(held, 'deployment.chat', at, now)).toBe('it is only for prod-west')
  })
})
