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
})
