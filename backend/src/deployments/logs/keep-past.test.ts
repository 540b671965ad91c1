import { describe, expect, it } from 'vitest'
import { createPast, type LogStart } from './keep-past.ts'

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`
const textsOf = (past: ReturnType<typeof createPast>, wanted: LogStart) =>
  past.from(wanted)?.map(({ text }) => text) ?? null

describe('createPast', () => {
  it('has as many lines as were asked for, also empty ones, or says that it has not', () => {
    const past = createPast({ tailLines: 0 })
    past.keep('\na\n')
    past.keep('b é\n\n')
    expect(textsOf(past, { tailLines: 0 })).toEqual([])
    expect(textsOf(past, { tailLines: 2 })).toEqual(['b é', ''])
    expect(textsOf(past, { tailLines: 4 })).toEqual(['', 'a', 'b é', ''])
    expect(textsOf(past, { tailLines: 5 })).toBeNull()
  })

  it('has all of it for who begins where it began', () => {
    const past = createPast({ tailLines: 500 })
    expect(textsOf(past, { tailLines: 500 })).toEqual([])
    past.keep('a\n')
    expect(textsOf(past, { tailLines: 500 })).toEqual(['a'])
    expect(textsOf(past, {})).toBeNull()
  })

  it('has what came since a time, where that begins a second before it at least', () => {
    const past = createPast({ sinceTime: at(5) })
    past.keep(`${at(5)} a\n${at(9)} b\n`)
    expect(textsOf(past, { sinceTime: at(5) })).toEqual(['a', 'b'])
    expect(textsOf(past, { sinceTime: at(6) })).toEqual(['a', 'b'])
    expect(past.from({ sinceTime: at(4) })).toBeNull()
    const later = createPast({ tailLines: 10 })
    later.keep(`${at(5)} a\n`)
    expect(later.from({ sinceTime: at(9) })).toBeNull()
  })

  it('keeps the latest of a long log, in its order, and no more than two pages', () => {
    const past = createPast({})
    const line = (index: number) => `${at(index % 60)} ${index} ${'é'.repeat(400)}\n`
    for (let index = 0; index < 2_000; index += 1) past.keep(line(index))
    expect(past.from({})).toBeNull()
    const kept = past.from({ tailLines: 98 })!
    expect(kept.map(({ text }) => Number.parseInt(text))).toEqual(
      Array.from({ length: 98 }, (_, index) => 1_902 + index),
    )
    expect(past.from({ tailLines: 200 })).toBeNull()
  })

  it('is not whole any more once something was too long for it', () => {
    const past = createPast({})
    past.keep('a\n')
    past.keep(`${'x'.repeat(200_000)}\n`)
    expect(past.from({})).toBeNull()
    past.keep('b\n')
    expect(textsOf(past, { tailLines: 1 })).toEqual(['b'])
    expect(past.from({ tailLines: 2 })).toBeNull()
  })
})
