import { describe, expect, it } from 'vitest'
import { holdTime } from '../../test/held-time.ts'
import { createTurns } from './take-turns.ts'

describe('createTurns', () => {
  it('runs so many at once, in the order they came', async () => {
    const { timing } = holdTime()
    const takeTurn = createTurns({ atOnce: 2, heldMs: 1_000, timing })
    const order: number[] = []
    let [running, most] = [0, 0]
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        takeTurn(async () => {
          order.push(index)
          running += 1
          most = Math.max(most, running)
          await new Promise((resolve) => setImmediate(resolve))
          running -= 1
        }),
      ),
    )
    expect(most).toBe(2)
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })

  it('those that get no answer hold up the others for no longer than a second each', async () => {
    const time = holdTime()
    const takeTurn = createTurns({ atOnce: 2, heldMs: 1_000, timing: time.timing })
    for (let dead = 0; dead < 4; dead += 1) void takeTurn(() => new Promise(() => {}))
    let isDone = false
    void takeTurn(async () => void (isDone = true))
    await time.advance(0)
    await time.advance(1_000)
    expect(isDone).toBe(false)
    await time.advance(1_000)
    await time.advance(0)
    expect(isDone).toBe(true)
  })

  it('a turn that fails is given on, and its failure told', async () => {
    const { timing, timers } = holdTime()
    const takeTurn = createTurns({ atOnce: 1, heldMs: 1_000, timing })
    const failed = takeTurn(() => Promise.reject(new Error('no')))
    await expect(Promise.all([failed, takeTurn(async () => 1)])).rejects.toThrow('no')
    expect(await takeTurn(async () => 2)).toBe(2)
    expect(timers()).toBe(0)
  })
})
