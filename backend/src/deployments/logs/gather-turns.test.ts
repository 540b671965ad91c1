import { describe, expect, it } from 'vitest'
import { holdTime } from '../../../test/held-time.ts'
import { createTurns } from './gather-turns.ts'

/** Runs that have so many pieces of so many bytes, once they are due. */
function createRuns() {
  const ran: string[] = []
  const create = (name: string, pieces: number[] = []) => {
    const left = [...pieces]
    return () => {
      ran.push(name)
      return left.shift() ?? 0
    }
  }
  return { create, ran }
}

describe('createTurns', () => {
  it('runs at once after a rest, and then together what came meanwhile, each once', async () => {
    const { advance, timing } = holdTime()
    const takeTurn = createTurns(timing)
    const { create, ran } = createRuns()
    const [a, b] = [create('a'), create('b')]
    takeTurn(a)
    await advance(0)
    expect(ran).toEqual(['a'])
    takeTurn(a)
    takeTurn(b)
    takeTurn(a)
    await advance(199)
    expect(ran).toEqual(['a'])
    await advance(1)
    expect(ran).toEqual(['a', 'a', 'b'])
    await advance(200)
    takeTurn(b)
    await advance(0)
    expect(ran).toEqual(['a', 'a', 'b', 'b'])
  })

  it('runs in turn until nothing is left', async () => {
    const { advance, timing } = holdTime()
    const takeTurn = createTurns(timing)
    const { create, ran } = createRuns()
    takeTurn(create('a', [1, 1]))
    takeTurn(create('b', [1]))
    await advance(0)
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'a'])
  })

  it('does not wait for more where there is much', async () => {
    const { advance, timing } = holdTime()
    const takeTurn = createTurns(timing)
    const { create, ran } = createRuns()
    takeTurn(create('a', [64 * 1024]))
    await advance(0)
    const b = create('b')
    takeTurn(b)
    await advance(0)
    expect(ran).toEqual(['a', 'a', 'b'])
  })

  it('has no timer while nothing is due', async () => {
    const { advance, timers, timing } = holdTime()
    const takeTurn = createTurns(timing)
    expect(timers()).toBe(0)
    takeTurn(() => 0)
    await advance(0)
    expect(timers()).toBe(1)
    await advance(200)
    expect(timers()).toBe(0)
  })

  it('lets others have the event loop in between, and leaves nobody out', () => {
    let now = 0
    const timers: (() => void)[] = []
    const takeTurn = createTurns({
      ...holdTime().timing,
      now: () => now,
      setTimeout: (run) => timers.push(run),
    })
    const ran: number[] = []
    for (let index = 0; index < 6; index += 1) {
      takeTurn(() => {
        ran.push(index)
        now += 2
        return 0
      })
    }
    timers.shift()!()
    expect(ran).toEqual([0, 1, 2])
    timers.shift()!()
    expect(ran).toEqual([0, 1, 2, 3, 4, 5])
  })
})
