import type { Grant } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import type { Actor, ClusterRightsOfUser } from '#context'
import { clusterRightsOf, contextOf, grant } from '../../test/contexts.ts'
import { createVisibilities, presentAbilities, type CallerContext } from './visibility.ts'

const start = new Date('2026-01-01T00:00:00Z')
const at = (ms: number) => new Date(start.getTime() + ms)

type Limits = { resting?: string[]; rights?: Partial<ClusterRightsOfUser>; now?: Date }

function caller(grants: Grant[], { now = start, resting = [], rights }: Limits = {}) {
  const { actor } = contextOf(grants)
  const said = rights && { clusterRights: clusterRightsOf(rights) }
  return {
    actor: { ...actor, restingInstances: new Set(resting), ...said },
    now: () => now,
  } as CallerContext
}

const fingerprintOf = (...args: Parameters<typeof caller>) =>
  createVisibilities()(caller(...args)).fingerprint

describe('createVisibilities', () => {
  it('H10: decides of the moment it was made, whatever rests or wakes meanwhile', () => {
    const resting = new Set<string>()
    const { actor, now } = contextOf([grant('viewer')])
    const viewer = { actor: { ...actor, restingInstances: resting }, now } as CallerContext
    const of = createVisibilities()
    resting.add('prod')
    const whileResting = of(viewer)
    resting.delete('prod')
    expect(whileResting.seesInstance('prod')).toBe(false)
    const awake = of(viewer)
    resting.add('prod')
    expect(awake.sight('prod', 'team')).not.toBeNull()
    expect(of(viewer)).toBe(whileResting)
    expect(of(viewer).seesInstance('prod')).toBe(false)
    resting.delete('prod')
    expect(of(viewer).sight('prod', 'team')).not.toBeNull()
  })

  it('puts what clusters said in order once for as long as they say the same, however often it is asked', () => {
    let walks = 0
    class CountedSet extends Set<string> {
      override [Symbol.iterator]() {
        walks += 1
        return super[Symbol.iterator]()
      }
    }
    const { actor, now } = contextOf([grant('viewer')])
    const places = (more: string[] = []) => new CountedSet(['a/one', 'a/two', ...more])
    const rights = (visible: Set<string>) => ({
      personal: new Set(['a']),
      alone: new Set<string>(),
      known: new Map(),
      visible,
      creatable: new Set<string>(),
      updatable: new Set<string>(),
      deletable: new Set<string>(),
      unanswered: new Map<string, string>(),
    })
    const as = (clusterRights: ReturnType<typeof rights>) =>
      ({ actor: { ...actor, clusterRights }, now }) as CallerContext
    const of = createVisibilities()
    const before = rights(places())
    const visibility = of(as(before))
    walks = 0
    for (let times = 0; times < 200; times += 1) expect(of(as(before))).toBe(visibility)
    expect(walks).toBe(0)
    // Others who may see the same share it, and a change shows at once.
    expect(of(as(rights(places())))).toBe(visibility)
    const after = of(as(rights(places(['a/three']))))
    expect(after.fingerprint).not.toBe(visibility.fingerprint)
    expect([visibility, after].map((each) => each.sight('a', 'three') !== null)).toEqual([
      false,
      true,
    ])
  })

  it('decides of the moment it was made, whatever a cluster says meanwhile', () => {
    const rights = {
      personal: new Set(['prod']),
      alone: new Set<string>(),
      known: new Map(),
      visible: new Set(['prod/team']),
      creatable: new Set(['prod/team']),
      updatable: new Set(['prod/team']),
      deletable: new Set(['prod/team']),
      unanswered: new Map([['prod', 'It did not say all.']]),
    }
    const visibility = createVisibilities()(caller([grant('deployer')], { rights }))
    rights.personal.add('test')
    for (const places of [rights.visible, rights.creatable, rights.updatable, rights.deletable]) {
      places.clear()
    }
    rights.unanswered.clear()
    expect(visibility.sight('prod', 'team')?.abilities).toEqual({ update: true, delete: true })
    expect(visibility.sight('test', 'team')?.abilities).toEqual({ update: true, delete: true })
    expect(visibility.unanswered('prod')).toBe('It did not say all.')
    expect(visibility.unanswered('test')).toBeNull()
  })

  it('says what may be done with what is seen, and closes an open object with it', () => {
    const of = createVisibilities()
    const deployer = of(caller([grant('deployer', { namespaces: ['team'] })]))
    expect(deployer.seesInstance('prod')).toBe(true)
    expect(deployer.sight('prod', 'team')).toEqual({
      abilities: { update: true, delete: true },
      tail: ',"abilities":{"update":true,"delete":true}}',
    })
    expect(deployer.sight('prod', 'other')).toBeNull()
    const viewer = of(caller([grant('viewer', { instanceId: 'prod' })]))
    expect(viewer.sight('prod', 'team')).toEqual({
      abilities: { update: false, delete: false },
      tail: ',"abilities":{"update":false,"delete":false}}',
    })
    expect(viewer.seesInstance('prod')).toBe(true)
    expect(viewer.seesInstance('test')).toBe(false)
    expect(viewer.sight('test', 'team')).toBeNull()
    expect(viewer.unanswered('prod')).toBeNull()
  })

  it.each([
    { update: false, delete: false },
    { update: false, delete: true },
    { update: true, delete: false },
    { update: true, delete: true },
  ])('shows what a cluster leaves of it: %o', (abilities) => {
    const places = (has: boolean) => new Set(has ? ['prod/team'] : [])
    const rights = {
      personal: new Set(['prod']),
      visible: places(true),
      updatable: places(abilities.update),
      deletable: places(abilities.delete),
    }
    const sight = createVisibilities()(caller([grant('deployer')], { rights })).sight(
      'prod',
      'team',
    )
    expect(sight).toEqual({ abilities, tail: `,"abilities":${JSON.stringify(abilities)}}` })
  })

  it('answers the same when it is asked again, of each place by itself', () => {
    const visibility = createVisibilities()(caller([grant('viewer', { namespaces: ['team'] })]))
    for (let round = 0; round < 2; round += 1) {
      expect(visibility.seesInstance('prod')).toBe(true)
      expect(visibility.sight('prod', 'team')).not.toBeNull()
      expect(visibility.sight('prod', 'other')).toBeNull()
      expect(visibility.sight('test', 'team')).not.toBeNull()
    }
    expect(visibility.sight('prod', 'team')).toBe(visibility.sight('prod', 'team'))
  })

  it('remembers kinds of rights by what they decided, and forgets those that decided least lately', () => {
    const of = createVisibilities()
    const kind = (count: number) => of(caller([grant('viewer', { instanceId: `i${count}` })]))
    const first = kind(0)
    for (let place = 0; place < 150_000; place += 1) first.sight('i', `${place}`)
    // A quarter of a MiB each.
    for (let count = 1; count <= 240; count += 1) kind(count).sight('i', '149999')
    expect(kind(0)).toBe(first)
    for (let count = 241; count <= 500; count += 1) kind(count).sight('i', '149999')
    const last = kind(500)
    expect(kind(500)).toBe(last)
    const again = kind(0)
    expect(again).not.toBe(first)
    // Whoever still holds what was forgotten brings it back to nobody.
    for (let place = 150_000; place < 200_000; place += 1) first.sight('i', `${place}`)
    first.sight('j', 'more')
    expect(kind(0)).toBe(again)
  })

  it.each(['personal', 'visible', 'creatable', 'updatable', 'deletable', 'unanswered'] as const)(
    'counts what the rights themselves take: a quarter of a million places that are %s',
    (what) => {
      class Large extends Set<string> {
        override get size() {
          return 250_000
        }
      }
      class LargeMap extends Map<string, string> {
        override get size() {
          return 250_000
        }
      }
      const rights = { [what]: what === 'unanswered' ? new LargeMap() : new Large() }
      const of = createVisibilities()
      const kind = (count: number) =>
        of(caller([grant('viewer', { instanceId: `i${count}` })], { rights }))
      const first = kind(0)
      for (let count = 1; count <= 3; count += 1) kind(count)
      expect(kind(0)).toBe(first)
      for (let count = 4; count <= 7; count += 1) kind(count)
      expect(kind(0)).not.toBe(first)
    },
  )

  it('counts the names that grants hold', () => {
    const of = createVisibilities()
    const kind = (count: number) =>
      of(caller([grant('viewer', { namespaces: [`${count}${'n'.repeat(5_000_000)}`] })]))
    const first = kind(0)
    for (let count = 1; count <= 3; count += 1) kind(count)
    expect(kind(0)).toBe(first)
    for (let count = 4; count <= 10; count += 1) kind(count)
    expect(kind(0)).not.toBe(first)
  })

  it('looks at the grants once for each instance and each namespace, and anew after 200,000 others', () => {
    let looks = 0
    const watched = {
      ...grant('viewer'),
      get role() {
        looks += 1
        return 'viewer' as const
      },
    }
    const of = createVisibilities()
    const visibility = of(caller([watched]))
    const seesWithALook = (namespace = 'team') => {
      looks = 0
      expect(visibility.sight('prod', namespace)).not.toBeNull()
      return looks > 0
    }
    visibility.seesInstance('prod')
    expect(looks).toBeGreaterThan(0)
    looks = 0
    expect(visibility.seesInstance('prod')).toBe(true)
    expect(looks).toBe(0)
    expect([seesWithALook(), seesWithALook(), seesWithALook('other')]).toEqual([true, false, true])
    // Whoever asks.
    const somebody = of(caller([grant('viewer', { namespaces: [] })]))
    for (let count = 2; count < 200_000; count += 1) somebody.sight('prod', `n${count}`)
    expect([seesWithALook(), seesWithALook('other')]).toEqual([false, false])
    somebody.sight('prod', 'one-more')
    expect([seesWithALook(), seesWithALook(), seesWithALook('other')]).toEqual([true, false, true])
    expect(somebody.sight('prod', 'team')).toBeNull()
  })

  it('takes what a cluster said once for each set of instances that is granted', () => {
    const { actor, now } = contextOf([grant('viewer')])
    const said = () => ({
      personal: new Set<string>(),
      alone: new Set<string>(),
      known: new Map(),
      visible: new Set(['prod/a', 'test/a']),
      creatable: new Set<string>(),
      updatable: new Set<string>(),
      deletable: new Set<string>(),
      unanswered: new Map<string, string>(),
    })
    const as = (instanceId: string, clusterRights: ReturnType<typeof said>) =>
      ({
        actor: { ...actor, grants: [grant('viewer', { instanceId })], clusterRights },
        now,
      }) as CallerContext
    const of = createVisibilities()
    const same = said()
    of(as('prod', same))
    expect(of(as('test', same))).toBe(of(as('test', said())))
  })

  it('is not shared between somebody of whom the cluster decides alone and somebody whose grants count too', () => {
    const asked = { personal: new Set(['prod']) }
    const both = caller([grant('viewer')], { rights: asked })
    const alone = caller([grant('viewer')], { rights: { ...asked, alone: new Set(['prod']) } })
    const of = createVisibilities()
    expect(of(both).fingerprint).not.toBe(of(alone).fingerprint)
    expect(of(both)).not.toBe(of(alone))
  })

  it('shows nothing to somebody unknown, and all to the hub itself', () => {
    const of = createVisibilities()
    const now = () => start
    const anonymous: Actor = { type: 'anonymous' }
    const system: Actor = { type: 'system' }
    expect(of({ actor: anonymous, now }).seesInstance('prod')).toBe(false)
    expect(of({ actor: anonymous, now }).sight('prod', 'team')).toBeNull()
    expect(of({ actor: anonymous, now }).unanswered('prod')).toBeNull()
    expect(of({ actor: system, now }).sight('prod', 'team')?.abilities).toEqual({
      update: true,
      delete: true,
    })
    const fingerprints = [anonymous, system].map((actor) => of({ actor, now }).fingerprint)
    expect(new Set([...fingerprints, of(caller([])).fingerprint]).size).toBe(3)
    expect(of({ actor: anonymous, now }).validUntil).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('how long a visibility is good', () => {
  const ends = (...offsets: (number | null)[]) =>
    offsets.map((ms) => grant('viewer', { endsAt: ms === null ? null : at(ms).toISOString() }))

  it('is until the first of the grants ends that has not', () => {
    const until = (...offsets: (number | null)[]) =>
      createVisibilities()(caller(ends(...offsets))).validUntil
    expect(until(null)).toBe(Number.POSITIVE_INFINITY)
    expect(until(2_000, null, 1_000)).toBe(at(1_000).getTime())
    expect(until(-1, 0, 3_000)).toBe(at(3_000).getTime())
    expect(until(-1, 0)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is shared by the same rights until then, and decided anew from that moment on', () => {
    const of = createVisibilities()
    const held = ends(1_000)
    const first = of(caller(held))
    expect(of(caller(held, { now: at(999) }))).toBe(first)
    expect(first.sight('prod', 'team')).not.toBeNull()
    const after = of(caller(held, { now: at(1_000) }))
    expect(after).not.toBe(first)
    expect(after.sight('prod', 'team')).toBeNull()
    expect(after.seesInstance('prod')).toBe(false)
  })
})

describe('the fingerprint', () => {
  it('is the same for the same rights, in whatever order', () => {
    const first = grant('viewer', { namespaces: ['a', 'b'] })
    const second = grant('deployer', { instanceId: 'prod' })
    const shuffled = [{ ...second, id: 'h' }, grant('viewer', { namespaces: ['b', 'a'] })]
    expect(fingerprintOf([first, second])).toBe(fingerprintOf(shuffled))
    const of = createVisibilities()
    expect(of(caller([first, second]))).toBe(of(caller(shuffled)))
    const rights = (places: string[]) => ({ rights: { visible: new Set(places) } })
    const held = [grant('viewer')]
    expect(fingerprintOf(held, rights(['x/a', 'x/b']))).toBe(
      fingerprintOf(held, rights(['x/b', 'x/a'])),
    )
  })

  it('is another for each other right', () => {
    const kinds: Parameters<typeof caller>[] = [
      [[]],
      [[grant('viewer')]],
      [[grant('deployer')]],
      [[grant('viewer', { instanceId: 'prod' })]],
      [[grant('viewer', { instanceId: 'test' })]],
      [[grant('viewer', { namespaces: ['a'] })]],
      [[grant('viewer', { namespaces: [] })]],
      [[grant('viewer', { namespaces: ['a', 'b'] })]],
      [[grant('viewer', { endsAt: at(1_000).toISOString() })]],
      [[grant('viewer')], { resting: ['prod'] }],
      [[grant('viewer')], { resting: ['test'] }],
      [[grant('viewer')], { rights: { personal: new Set(['prod']) } }],
      [[grant('viewer')], { rights: { visible: new Set(['prod/a']) } }],
      [[grant('viewer')], { rights: { creatable: new Set(['prod/a']) } }],
      [[grant('viewer')], { rights: { updatable: new Set(['prod/a']) } }],
      [[grant('viewer')], { rights: { deletable: new Set(['prod/a']) } }],
      [[grant('viewer')], { rights: { unanswered: new Map([['prod', 'Away.']]) } }],
      [[grant('viewer')], { rights: { unanswered: new Map([['prod', 'Silent.']]) } }],
      [[grant('viewer', { instanceId: 'prod' })], { resting: ['prod'] }],
    ]
    const of = createVisibilities()
    expect(new Set(kinds.map((kind) => fingerprintOf(...kind))).size).toBe(kinds.length)
    expect(new Set(kinds.map((kind) => of(caller(...kind)))).size).toBe(kinds.length)
  })

  it('is short, and counts all instances where any grant is for all', () => {
    expect(fingerprintOf([])).toMatch(/^[0-9a-f]{8}$/)
    const held = [grant('viewer'), grant('deployer', { instanceId: 'prod' })]
    expect(fingerprintOf(held, { resting: ['test'] })).not.toBe(fingerprintOf(held))
  })

  it('is the same whether no cluster is asked or none says anything', () => {
    const held = [grant('viewer')]
    const resting = ['prod']
    expect(fingerprintOf(held, { resting, rights: {} })).toBe(fingerprintOf(held, { resting }))
  })

  it('is that of the grants that have not ended', () => {
    const ended = (ms: number) => grant('deployer', { endsAt: at(ms).toISOString() })
    const held = [grant('viewer')]
    expect(fingerprintOf([...held, ended(-1), ended(0)])).toBe(fingerprintOf(held))
    expect(fingerprintOf([...held, ended(1)])).not.toBe(fingerprintOf(held))
  })

  it('tells nothing of instances on which the caller holds no grant', () => {
    const held = [grant('viewer', { instanceId: 'prod' })]
    const elsewhere: Limits[] = [
      { resting: ['test'] },
      { rights: {} },
      { rights: { personal: new Set(['test']) } },
      { rights: { visible: new Set(['test/a']) } },
      { rights: { creatable: new Set(['test/a']) } },
      { rights: { updatable: new Set(['test/a']) } },
      { rights: { deletable: new Set(['test/a']) } },
      { rights: { unanswered: new Map([['test', 'Away.']]) } },
    ]
    const of = createVisibilities()
    for (const limits of elsewhere) {
      expect(fingerprintOf(held, limits)).toBe(fingerprintOf(held))
      expect(of(caller(held, limits))).toBe(of(caller(held)))
    }
  })
})

describe('what may be done with a deployment', () => {
  it('is what grants and cluster both allow', () => {
    const scope = { instance: 'prod', namespace: 'team' }
    const of = (role: Grant['role'], rights?: Limits['rights']) =>
      presentAbilities(caller([grant(role)], rights && { rights }), scope)
    expect(of('deployer')).toEqual({ update: true, delete: true })
    expect(of('viewer')).toEqual({ update: false, delete: false })
    const seen = { personal: new Set(['prod']), visible: new Set(['prod/team']) }
    expect(of('deployer', seen)).toEqual({ update: false, delete: false })
    const changed = { ...seen, updatable: new Set(['prod/team']) }
    expect(of('deployer', changed)).toEqual({ update: true, delete: false })
    expect(of('viewer', changed)).toEqual({ update: false, delete: false })
  })
})
