import { describe, expect, test } from 'vitest'
import { createSessionCache, type CachedSession } from './session-cache.ts'

const at = (ms: number) => new Date(1_000_000 + ms)
const session = (id: string) => ({ actor: { userId: id } }) as unknown as CachedSession

describe('createSessionCache', () => {
  test('reads once a second', async () => {
    const cache = createSessionCache()
    let reads = 0
    const load = async () => session(String((reads += 1)))
    await cache.read('a', at(0), load)
    await cache.read('a', at(999), load)
    expect(reads).toBe(1)
    await cache.read('a', at(1000), load)
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
