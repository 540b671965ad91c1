import { expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'

test('H7: a wait for wrong codes ends in its time though the clock was set back', () => {
  const attempts = createAttempts()
  let clockMs = Date.parse('2026-01-01T00:00:00Z')
  const check = () => attempts.check('eve', new Date(clockMs))
  for (let times = 0; times < 5; times += 1) attempts.fail('eve', new Date(clockMs))
  expect(check).toThrow(/Try again in 10 seconds/)
  clockMs -= 3_600_000
  expect(check).toThrow(/Try again in 10 seconds/)
  clockMs += 10_000
  expect(check).not.toThrow()
})
