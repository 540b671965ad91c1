import { describe, expect, test } from 'vitest'
import { waitWhileItMoves } from './seed-cluster.ts'

const missing = 'ml-team/llama'

describe('waitWhileItMoves', () => {
  const hold = () => {
    let now = 0
    return {
      pass: (ms: number) => void (now += ms),
      timing: { now: () => now, delay: async (ms: number) => void (now += ms) },
    }
  }

  test('H40: waits for as long as there is progress, however slow the machine', async () => {
    const { pass, timing } = hold()
    let looks = 0
    await waitWhileItMoves(
      10_000,
      async () => {
        looks += 1
        pass(9_000)
        return { missing: looks < 100 ? missing : undefined, progress: String(looks) }
      },
      timing,
    )
    expect(timing.now()).toBeGreaterThan(890_000)
  })

  test('H40: gives up when nothing moves any more, naming what is missing', async () => {
    const { timing } = hold()
    const still = waitWhileItMoves(10_000, async () => ({ missing, progress: 'same' }), timing)
    await expect(still).rejects.toThrow(
      'ml-team/llama did not come up in the demo cluster: nothing moved there for 10 s.',
    )
    expect(timing.now()).toBeLessThan(11_000)
  })
})
