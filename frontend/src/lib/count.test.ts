import { expect, test } from 'vitest'
import { writeCount } from './count.ts'

test.each([0, 7, 999, 1_000, 12_345, 123_456, 1_234_567, -1_000])(
  '%i is written as English does',
  (count) => {
    expect(writeCount(count)).toBe(count.toLocaleString('en'))
  },
)
