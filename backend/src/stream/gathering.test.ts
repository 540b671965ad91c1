import { expect, it } from 'vitest'
import { holdTime } from '../../test/held-time.ts'
import { createGathering } from './gathering.ts'

it('runs once for all that is asked, and next gathers for as long as that took, within bounds', async () => {
  const { advance, timing } = holdTime()
  const tookMs = [40, 1_000, 0]
  let ran = 0
  const clock = { ...timing, now: () => elapsed }
  let elapsed = 0
  const gathering = createGathering(clock, () => {
    ran += 1
    elapsed += tookMs.shift()!
  })
  for (const expected of [40, 250, 2]) {
    gathering.schedule()
    gathering.schedule()
    await advance(gathering.ms())
    await new Promise((resolve) => setImmediate(resolve))
    expect(gathering.ms()).toBe(expected)
  }
  expect(ran).toBe(3)
})

it('runs no more once it is cancelled', async () => {
  const { advance, timing } = holdTime()
  let ran = 0
  const gathering = createGathering(timing, () => (ran += 1))
  gathering.schedule()
  gathering.cancel()
  await advance(10)
  expect(ran).toBe(0)
  gathering.schedule()
  await advance(10)
  expect(ran).toBe(1)
})
