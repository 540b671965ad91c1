import { describe, expect, test } from 'vitest'
import { holdTime } from '../test/held-time.ts'
import { awaitClusters } from './await-clusters.ts'

type State = 'connecting' | 'ready' | 'unreachable'

describe('awaitClusters', () => {
  const start = (states: Record<string, State>) => {
    const clock = holdTime()
    const synced = new Set<string>()
    const stopped = new AbortController()
    let isOver = false
    void awaitClusters({
      instances: {
        list: () =>
          Object.entries(states).map(([id, state]) => ({ id, status: { state } })) as never,
      },
      fleet: { instanceState: (id) => ({ synced: synced.has(id), reason: null }) as never },
      stopped: stopped.signal,
      timing: clock.timing,
    }).then(() => (isOver = true))
    const isOverAfter = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) await clock.advance(50)
      await clock.advance(0)
      return isOver
    }
    return { isOverAfter, states, stopped, synced }
  }

  test('H38: a replica that just started is ready when each cluster was read once, or is known to be away', async () => {
    const { isOverAfter, states, synced } = start({ east: 'connecting', lost: 'connecting' })
    expect(await isOverAfter(1_000)).toBe(false)
    states['lost'] = 'unreachable'
    states['east'] = 'ready'
    expect(await isOverAfter(1_000)).toBe(false)
    synced.add('east')
    expect(await isOverAfter(50)).toBe(true)
  })

  test('H38: a silent cluster delays it by 10 s at most, and nothing where the hub ends', async () => {
    const silent = start({ silent: 'connecting' })
    expect(await silent.isOverAfter(9_900)).toBe(false)
    expect(await silent.isOverAfter(200)).toBe(true)
    const ending = start({ silent: 'connecting' })
    ending.stopped.abort()
    expect(await ending.isOverAfter(50)).toBe(true)
  })
})
