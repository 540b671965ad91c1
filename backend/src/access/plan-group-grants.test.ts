import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isSameScope,
  planGroupGrants,
  readHeldGroups,
  type HeldGroups,
} from './plan-group-grants.ts'
import type { GrantRow, MappingRow } from './store.ts'

const now = new Date('2026-03-01T12:00:00Z')
const day = 86_400

const scope = fc.record({
  role: fc.constantFrom('viewer', 'deployer'),
  instanceId: fc.constantFrom(null, 'prod', 'dev'),
  namespaces: fc.constantFrom(null, ['a'], ['a', 'b'], ['b', 'a']),
})
const provider = fc.constantFrom('entra', 'github', 'oidc')
const groupId = fc.constantFrom('g1', 'g2', 'g3', 'g4')
const userId = fc.constantFrom('u1', 'u2')

const held = fc.array(
  fc
    .record({ userId, provider, groups: fc.array(groupId) })
    .map(({ groups, ...rest }): HeldGroups => ({ ...rest, groupIds: new Set(groups) })),
  { maxLength: 5 },
)
const mappings = fc
  .uniqueArray(
    fc.record({ id: fc.constantFrom('m1', 'm2', 'm3', 'm4', 'm5'), provider, groupId, scope }),
    { selector: ({ id }) => id },
  )
  .map((entries) =>
    entries.map(({ scope: what, ...rest }): MappingRow => {
      return { ...rest, ...what, limits: null, groupName: null, createdAt: now, createdBy: 'test' }
    }),
  )
const present = fc
  .array(
    fc.record({
      userId,
      scope,
      source: fc.constantFrom('group', 'manual', 'request'),
      mappingId: fc.constantFrom(null, 'm1', 'm2', 'm3', 'gone'),
    }),
    { maxLength: 8 },
  )
  .map((entries) =>
    entries.map(({ scope: what, ...rest }, index): GrantRow => {
      const id = `grant-${index}`
      return {
        id,
        ...rest,
        ...what,
        limits: null,
        servicePrincipalId: null,
        endsAt: null,
        endedAt: null,
        createdAt: now,
        createdBy: 'test',
      }
    }),
  )

/** What stands there after a plan was carried out. */
function carryOut(plan: ReturnType<typeof planGroupGrants>, before: readonly GrantRow[]) {
  const gone = new Set(plan.removed.map(({ id }) => id))
  const changed = new Map(plan.changed.map(({ grant, mapping }) => [grant.id, mapping]))
  const kept = before.filter(({ id }) => !gone.has(id))
  const after = kept.map((grant): GrantRow => {
    const mapping = changed.get(grant.id)
    if (!mapping) return grant
    const { instanceId, namespaces, role } = mapping
    return { ...grant, role, instanceId, namespaces }
  })
  const added = plan.added.map(({ mapping, userId: owner }, index): GrantRow => ({
    ...after[0]!,
    id: `added-${index}`,
    userId: owner,
    source: 'group',
    mappingId: mapping.id,
    role: mapping.role,
    instanceId: mapping.instanceId,
    namespaces: mapping.namespaces,
  }))
  return [...after, ...added]
}

const describeGroupGrants = (rows: readonly GrantRow[]) =>
  rows
    .filter(({ source }) => source === 'group')
    .map(({ instanceId, mappingId, namespaces, role, userId: owner }) =>
      JSON.stringify([owner, mappingId, role, instanceId, namespaces?.toSorted() ?? null]),
    )
    .toSorted()

describe('planGroupGrants', () => {
  test('leads to what groups and mappings alone say, whatever was there', () => {
    fc.assert(
      fc.property(held, mappings, present, present, (groups, rules, one, other) => {
        const [a, b] = [one, other].map((before) =>
          carryOut(planGroupGrants(groups, rules, before), before),
        )
        expect(describeGroupGrants(a!)).toEqual(describeGroupGrants(b!))
        const expected = new Set(
          rules.flatMap((rule) =>
            groups
              .filter((each) => each.provider === rule.provider && each.groupIds.has(rule.groupId))
              .map((each) => `${each.userId} ${rule.id}`),
          ),
        )
        expect(describeGroupGrants(a!)).toHaveLength(expected.size)
      }),
    )
  })

  test('never touches what another source gave', () => {
    fc.assert(
      fc.property(held, mappings, present, (groups, rules, before) => {
        const { changed, removed } = planGroupGrants(groups, rules, before)
        const touched = [...removed, ...changed.map(({ grant }) => grant)]
        expect(touched.filter(({ source }) => source !== 'group')).toEqual([])
      }),
    )
  })

  test('has nothing to do once it was carried out', () => {
    fc.assert(
      fc.property(held, mappings, present, (groups, rules, before) => {
        const after = carryOut(planGroupGrants(groups, rules, before), before)
        expect(planGroupGrants(groups, rules, after)).toEqual({
          added: [],
          changed: [],
          removed: [],
        })
      }),
    )
  })

  test('the same name at another provider is another group', () => {
    const groups = [{ userId: 'u1', provider: 'oidc', groupIds: new Set(['g1']) }]
    const rule = { id: 'm1', provider: 'entra', groupId: 'g1', groupName: null }
    const what = { role: 'viewer', instanceId: null, namespaces: null, limits: null }
    const mapping = { ...rule, ...what, createdAt: now, createdBy: 'test' }
    expect(planGroupGrants(groups, [mapping], []).added).toEqual([])
  })

  test('a mapping with other limits changes what it gave, whichever limit it is', () => {
    const groups = [{ userId: 'u1', provider: 'oidc', groupIds: new Set(['g1']) }]
    const plan = (had: GrantRow['limits'], wanted: MappingRow['limits']) => {
      const what = { role: 'viewer', instanceId: null, namespaces: null }
      const made = { createdAt: now, createdBy: 'test' }
      const rule = { id: 'm1', provider: 'oidc', groupId: 'g1', groupName: null, limits: wanted }
      const given = { id: 'grant', userId: 'u1', source: 'group', mappingId: 'm1', limits: had }
      const open = { servicePrincipalId: null, endsAt: null, endedAt: null }
      return planGroupGrants(
        groups,
        [{ ...rule, ...what, ...made }],
        [{ ...given, ...what, ...made, ...open }],
      )
    }
    const all = { requestsPerMinute: 10, tokensPerDay: 1_000, gpusAtOnce: 4 }
    expect(plan(all, { ...all }).changed).toEqual([])
    expect(plan(null, null).changed).toEqual([])
    for (const name of ['requestsPerMinute', 'tokensPerDay', 'gpusAtOnce'] as const) {
      expect(plan(all, { ...all, [name]: 1 }).changed).toHaveLength(1)
    }
    expect(plan(null, all).changed).toHaveLength(1)
    expect(plan(all, null).changed).toHaveLength(1)
  })
})

describe('readHeldGroups', () => {
  const identity = (state: string, syncedAgoSeconds: number | null, groups: string[] | null) => ({
    id: 'i',
    userId: 'u1',
    provider: 'oidc',
    issuer: 'https://id.example.com',
    subject: 's',
    principal: 'oidc:s',
    email: null,
    groups: groups?.map((id) => ({ id, name: null })) ?? null,
    groupsState: state,
    groupsSyncedAt:
      syncedAgoSeconds === null ? null : new Date(now.getTime() - syncedAgoSeconds * 1000),
    groupsAskedAt: null,
    groupsDropped: 0,
    isAsking: false,
    tokensSealed: null,
    admission: null,
    withdrawnAt: null,
    withdrawnReason: null,
    createdAt: new Date(now.getTime() - 30 * day * 1000),
    lastSignInAt: now,
  })

  test.each([
    ['fresh ones count, however long ago they were read', 'fresh', 10 * day, ['a'], ['a']],
    ['stale ones count as long as they may', 'stale', day, ['a'], ['a']],
    ['stale ones do not count for ever', 'stale', day + 1, ['a'], []],
    ['stale ones that were never complete go by the age of the identity', 'stale', null, ['a'], []],
    ['unknown ones gave nothing', 'unknown', null, null, []],
    ['unknown ones give nothing, though some are on record', 'unknown', 0, ['a'], []],
    ['fresh ones that nobody told are none', 'fresh', 0, null, []],
  ])('%s', (_name, state, ago, groups, counted) => {
    expect([...readHeldGroups(identity(state, ago, groups), day, now).groupIds]).toEqual(counted)
  })
})

describe('isSameScope', () => {
  const all = { role: 'viewer', instanceId: null, namespaces: null }
  const two = { ...all, instanceId: 'prod', namespaces: ['a', 'b'] }

  test('is of what is given, not of how it is written', () => {
    expect(isSameScope(all, { ...all })).toBe(true)
    expect(isSameScope(two, { ...two, namespaces: ['b', 'a', 'b'] })).toBe(true)
  })

  test('is not of another role, instance or namespace', () => {
    expect(isSameScope(two, { ...two, role: 'deployer' })).toBe(false)
    expect(isSameScope(two, { ...two, instanceId: 'test' })).toBe(false)
    expect(isSameScope(two, { ...two, instanceId: null })).toBe(false)
    for (const namespaces of [['a'], ['a', 'c'], [], null]) {
      expect(isSameScope(two, { ...two, namespaces })).toBe(false)
    }
    expect(isSameScope(all, { ...all, namespaces: [] })).toBe(false)
  })
})
