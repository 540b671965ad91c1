import { describe, expect, test } from 'vitest'
import { createTargets } from './choose-target.ts'

const both: [{ key: string }, { key: string }] = [{ key: 'east' }, { key: 'west' }]

describe('the choice of a target', () => {
  test('calls that come together are spread over all', () => {
    const { take } = start()
    const taken = Array.from({ length: 500 }, () => take(both))
    for (const { key } of both) expect(taken.filter((each) => each.key === key)).toHaveLength(250)
  })

  test('one after the other, each gets its turn, whichever is named first', () => {
    const { take } = start()
    const keys = Array.from({ length: 10 }, () => {
      const { key, release } = take(both)
      release()
      return key
    })
    expect(keys.filter((key) => key === 'east')).toHaveLength(5)
  })

  test('least in flight first, and released twice counts once', () => {
    const { take } = start()
    const [first, second, third] = [take(both), take(both), take(both)] as const
    expect(first.key).not.toBe(second.key)
    const busy = third.key
    const other = busy === first.key ? second : first
    other.release()
    other.release()
    for (let i = 0; i < 2; i += 1) expect(take(both).key).toBe(other.key)
  })

  test('one that failed rests for 2 s, longer each time up to a minute, and not at all once it answered', () => {
    const { advance, answered, failed, take } = start()
    const isAsked = () => {
      const taken = [take(both), take(both)]
      for (const { release } of taken) release()
      return taken.some(({ key }) => key === 'east')
    }
    for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
      failed('east')
      failed('east')
      advance(seconds * 1000 - 1)
      expect(isAsked()).toBe(false)
      advance(1)
      expect(isAsked()).toBe(true)
    }
    failed('east')
    answered('east')
    expect(isAsked()).toBe(true)
    failed('east')
    advance(2_000)
    expect(isAsked()).toBe(true)
  })

  test('one that was not asked rests for as long as it says, however often', () => {
    const { advance, failed, take } = start()
    for (let i = 0; i < 10; i += 1) {
      failed('east', 1_000)
      expect(take(both).key).toBe('west')
      advance(1_000)
    }
    failed('east')
    advance(2_000)
    const taken = Array.from({ length: 20 }, () => take(both).key)
    expect(taken).toContain('east')
  })

  test('where all rest, each is tried in its turn', () => {
    const { failed, take } = start()
    failed('east')
    failed('west')
    expect(new Set([take(both).key, take(both).key])).toEqual(new Set(['east', 'west']))
  })
})

function start() {
  let ms = 0
  const targets = createTargets(() => new Date(ms))
  return { ...targets, advance: (by: number) => (ms += by) }
}
