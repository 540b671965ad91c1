import { describe, expect, test } from 'vitest'
import { createSessionCache, type CachedSession } from './session-cache.ts'

const at = (ms: number) => ({
  now: new Date(1_000_000 + ms),
  db: { heardAt: () => performance.now() },
})
const session = (id: string) => ({ actor: { userId: id } }) as unknown as CachedSession

describe('createSessionCache', () => {
  test('reads once while nothing is announced, and once a minute all the same', async () => {
    const cache = createSessionCache()
    let reads = 0
    const load = async () => session(String((reads += 1)))
    await cache.read('a', at(0), load)
    await cache.read('a', at(59_999), load)
    expect(reads).toBe(1)
    await cache.read('a', at(60_000), load)
    expect(reads).toBe(2)
  })

  test('reads again what an announcement concerns, and nothing else', async () => {
    const cache = createSessionCache()
    let reads = 0
    const load = async () => session(String((reads += 1)))
    await cache.read('a', at(0), load)
    cache.follow({ topic: 'grants', subject: 'somebody else' })
    await cache.read('a', at(1), load)
    expect(reads).toBe(1)
    cache.follow({ topic: 'grants', subject: '1' })
    await cache.read('a', at(2), load)
    expect(reads).toBe(2)
  })

  test('reads every time where announcements do not come through', async () => {
    const cache = createSessionCache()
    let reads = 0
    const load = async () => session(String((reads += 1)))
    const silent = { now: new Date(), db: { heardAt: () => performance.now() - 2_000 } }
    await cache.read('a', silent, load)
    await cache.read('a', silent, load)
    expect(reads).toBe(2)
  })

  test('keeps nothing that was being read while a session ended', async () => {
    const cache = createSessionCache()
    let finish: (value: CachedSession) => void = () => undefined
    const reading = cache.read('a', at(0), () => new Promise((resolve) => (finish = resolve)))
    cache.drop('a')
    finish(session('from before its end'))
    await reading
    expect(await cache.read('a', at(1), async () => null)).toBeNull()
  })

  test('keeps no session that is not there', async () => {
    const cache = createSessionCache()
    expect(await cache.read('a', at(0), async () => null)).toBeNull()
    expect(await cache.read('a', at(1), async () => session('now'))).not.toBeNull()
  })
})
