import { afterEach, describe, expect, it, vi } from 'vitest'
import { measureElapsed } from './measure-elapsed.ts'

afterEach(() => void vi.restoreAllMocks())

describe('measureElapsed', () => {
  it('H7: only grows, by what truly passed where the clock was set back', () => {
    let clockMs = 1_000_000_000
    let trueMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => trueMs)
    const elapsedMs = measureElapsed(() => new Date(clockMs))
    expect(elapsedMs()).toBe(0)
    clockMs += 500
    expect(elapsedMs()).toBe(500)
    clockMs -= 3_600_000
    trueMs += 20
    expect(elapsedMs()).toBe(520)
    clockMs += 250
    trueMs += 250
    expect(elapsedMs()).toBe(770)
  })
})
