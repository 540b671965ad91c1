import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemTiming } from './timing.ts'

afterEach(() => void vi.restoreAllMocks())

describe('systemTiming', () => {
  it.each([-3_600_000, 3_600_000])(
    'H7: does not move with the clock of the machine, set by %i ms',
    (stepMs) => {
      const startedAt = systemTiming.now()
      const clock = Date.now
      vi.spyOn(Date, 'now').mockImplementation(() => clock() + stepMs)
      const passedMs = systemTiming.now() - startedAt
      expect(passedMs).toBeGreaterThanOrEqual(0)
      expect(passedMs).toBeLessThan(60_000)
    },
  )
})
