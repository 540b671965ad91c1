import { describe, expect, it } from 'vitest'
import { readLines } from './read-lines.ts'

describe('readLines', () => {
  it.each([
    ['2026-06-01T12:00:00.123456789Z hello', '2026-06-01T12:00:00.123456789Z', 'hello'],
    ['2026-06-01T12:00:00+02:00 hello', '2026-06-01T12:00:00+02:00', 'hello'],
    ['2026-06-01T12:00:00Z', '2026-06-01T12:00:00Z', ''],
    ['no time at all', null, 'no time at all'],
    ['', null, ''],
  ])('has the time apart: %s', (line, at, text) => {
    const read = { at, text }
    expect(readLines(`${line}\n`)).toEqual([read])
    expect(readLines(`${line}\n${line}\n`)).toEqual([read, read])
  })

  it('reads nothing of nothing', () => {
    expect(readLines('')).toEqual([])
  })
})
