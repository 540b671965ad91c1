import { describe, expect, it } from 'vitest'
import { contextOf, grant } from '../clusters/test-support.ts'
import { createVisibilities, type CallerContext } from './visibility.ts'

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
      impersonated: new Set(['a']),
      visible,
      creatable: new Set<string>(),
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
})
