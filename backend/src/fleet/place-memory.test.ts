import { describe, expect, it } from 'vitest'
import { createPlaceMemory } from './place-memory.ts'

describe('createPlaceMemory', () => {
  const start = (placesMax: number) => {
    const remember = createPlaceMemory(placesMax)
    return (value: number) => {
      const asked: string[] = []
      const kept: number[] = []
      const of = remember(
        (instance, namespace) => {
          asked.push(`${instance}/${namespace}`)
          return value
        },
        (bytes) => void kept.push(bytes),
      )
      return { of, asked, kept }
    }
  }

  it('asks once for each place, of each by itself, whoever else asked', () => {
    const decider = start(100)
    const [first, second] = [decider(1), decider(255)]
    for (let round = 0; round < 2; round += 1) {
      expect(first.of('prod', 'team')).toBe(1)
      expect(second.of('prod', 'team')).toBe(255)
      expect(second.of('test', 'team')).toBe(255)
      expect(second.of('prod', 'other')).toBe(255)
    }
    expect(first.asked).toEqual(['prod/team'])
    expect(second.asked).toEqual(['prod/team', 'test/team', 'prod/other'])
  })

  it('tells places apart, however their names are put together', () => {
    const { asked, of } = start(100)(1)
    const places = [
      ['a', 'b/c'],
      ['a/b', 'c'],
      ['', 'a'],
      ['a', ''],
      ['__proto__', 'constructor'],
    ] as const
    for (const [instance, namespace] of places) of(instance, namespace)
    expect(asked).toHaveLength(places.length)
  })

  it('says what it keeps, a byte a place, when it is more', () => {
    const decider = start(100)
    const [first, second] = [decider(1), decider(2)]
    for (let count = 0; count < 9; count += 1) first.of('prod', `n${count}`)
    expect(first.kept).toEqual([1, 2, 4, 8, 16])
    second.of('prod', 'n8')
    expect(second.kept).toEqual([16])
  })

  it('forgets all when there are more places than it keeps', () => {
    const decider = start(3)
    const [first, second] = [decider(1), decider(2)]
    for (const name of ['a', 'b', 'c']) first.of('prod', name)
    second.of('prod', 'a')
    first.of('prod', 'd')
    first.of('prod', 'd')
    expect(first.asked).toEqual(['prod/a', 'prod/b', 'prod/c', 'prod/d'])
    // `d` has the number that `a` had.
    expect(second.of('prod', 'd')).toBe(2)
    expect(second.of('prod', 'a')).toBe(2)
    expect(second.asked).toEqual(['prod/a', 'prod/d', 'prod/a'])
    expect(decider(3).of('prod', 'd')).toBe(3)
  })
})
