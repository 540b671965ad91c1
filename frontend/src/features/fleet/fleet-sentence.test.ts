import { describe, expect, test } from 'vitest'
import { describeFleet } from './fleet-sentence.ts'

const totals = { total: 52, used: 18, free: 34, reserved: 0, unavailable: 0, unknown: 0 }

describe('the fleet in one sentence', () => {
  test.each([
    [totals, 2, '34 of 52 GPUs free · 2 need you'],
    [totals, 1, '34 of 52 GPUs free · 1 needs you'],
    [totals, 0, '34 of 52 GPUs free · nothing needs you'],
    [{ ...totals, total: 12_000, free: 9_500 }, 0, '9,500 of 12,000 GPUs free · nothing needs you'],
    [{ ...totals, unknown: 8 }, 0, '34 of 44 GPUs free, 8 unknown · nothing needs you'],
    [{ ...totals, free: 0, unknown: 52 }, 0, '52 GPUs, free unknown · nothing needs you'],
    [{ ...totals, total: 0, free: 0 }, 0, 'No GPUs · nothing needs you'],
    [undefined, 3, '3 need you'],
  ])('%o with %i', (given, needs, words) => {
    expect(describeFleet(given, needs)).toBe(words)
  })
})
