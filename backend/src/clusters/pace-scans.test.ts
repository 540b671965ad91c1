import { describe, expect, it } from 'vitest'
import { holdTime } from '../../test/held-time.ts'
import { createScans } from './pace-scans.ts'

/** Scans that take `ms` each, in held time. */
function playScans(ms: number) {
  const time = holdTime()
  const starts: number[] = []
  const ends: number[] = []
  const scans = createScans({
    scan: () => {
      starts.push(time.timing.now())
      return new Promise((resolve) => {
        time.timing.setTimeout(() => {
          ends.push(time.timing.now())
          resolve()
        }, ms)
      })
    },
    later: (delay, run) => void time.timing.setTimeout(run, delay),
    now: time.timing.now,
    hasStopped: () => false,
  })
  const pass = async (total: number, each = 10, act = () => {}) => {
    for (let passed = 0; passed < total; passed += each) {
      act()
      await time.advance(each)
    }
  }
  return { scans, starts, ends, pass }
}

describe('createScans', () => {
  it('however often something changes, scans take half of the time at most', async () => {
    const { ends, pass, scans, starts } = playScans(3_000)
    await pass(60_000, 10, scans.soon)
    expect(starts.length).toBeGreaterThanOrEqual(9)
    expect(starts.length).toBeLessThanOrEqual(10)
    for (const [index, start] of starts.slice(1).entries()) {
      expect(start - ends[index]!).toBeGreaterThanOrEqual(3_000)
    }
  })

  it('a change during a scan is followed by one more scan, and by no other', async () => {
    const { pass, scans, starts } = playScans(400)
    scans.soon()
    await pass(100)
    scans.soon()
    await pass(5_000)
    expect(starts).toHaveLength(2)
  })

  it('a short scan follows its change within a moment', async () => {
    const { pass, scans, starts } = playScans(5)
    scans.soon()
    await pass(60)
    expect(starts).toHaveLength(1)
  })

  it('one that takes very long keeps nobody waiting for as long again', async () => {
    const { ends, pass, scans, starts } = playScans(60_000)
    scans.soon()
    await pass(1_000, 250)
    scans.soon()
    await pass(70_000, 250)
    expect(starts[1]! - ends[0]!).toBeLessThanOrEqual(5_250)
  })

  it('who asks for one gets it at once, or with all others the one after', async () => {
    const { pass, scans, starts } = playScans(1_000)
    const first = scans.now()
    const asked = Promise.all([scans.now(), scans.now(), scans.now()])
    await pass(3_000)
    await first
    await asked
    expect(starts).toHaveLength(2)
    await scans.idle()
  })
})
