import { describe, expect, it } from 'vitest'
import { clip } from './objects.ts'

describe('clip', () => {
  it('H1: is the beginning of a text, whatever it holds', () => {
    expect(clip('short', 5)).toBe('short')
    expect(clip('longer', 4)).toBe('long')
    // A pair that is cut in two stays as it was cut.
    expect(clip('a🚀', 2)).toBe('a\ud83d')
    expect(clip('x'.repeat(10_000), 4_096)).toBe('x'.repeat(4_096))
  })
})
