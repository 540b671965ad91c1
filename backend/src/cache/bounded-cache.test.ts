import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createBoundedCache } from './bounded-cache.ts'
import { createRateLimiter } from '../http/rate-limit.ts'

const mebibyte = 1024 * 1024

/** What is in use after everything that is not has been collected. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

test('H8: a cache keeps what was used last, within its number of entries', () => {
  const cache = createBoundedCache<number>({ entriesMax: 3, bytesMax: mebibyte })
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index, 10)
  expect(cache.get('a')).toBe(0)
  cache.set('d', 3, 10)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([0, undefined, 2, 3])
  cache.delete('a')
  expect(cache.size).toBe(2)
})

test('H8: what is asked for again and again stays, however much else comes', () => {
  const cache = createBoundedCache<number>({ entriesMax: 100, bytesMax: mebibyte })
  cache.set('asked for', 0)
  cache.set('set again', 0)
  for (let index = 0; index < 1_000; index += 10) {
    for (let more = 0; more < 10; more += 1) cache.set(`${index + more}`, index)
    cache.set('set again', index)
    expect(cache.get('asked for')).toBe(0)
  }
  expect(cache.get('set again')).toBe(990)
  expect(cache.size).toBe(100)
})

test('H8: what grows over the rest is kept, and the rest goes', () => {
  const cache = createBoundedCache<string>({ entriesMax: 100, bytesMax: mebibyte })
  for (const key of ['a', 'b', 'c']) cache.set(key, 'small', mebibyte / 10)
  cache.set('a', 'large', mebibyte - 2_000)
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['large', undefined, undefined])
})

test('H8: a cache is within its bytes, whatever the keys and values are', () => {
  const cache = createBoundedCache<string>({ entriesMax: 1_000_000, bytesMax: mebibyte })
  for (let index = 0; index < 20_000; index += 1) {
    cache.set(`${index}`.padEnd(index % 9_000, 'k'), 'v', index % 500)
    expect(cache.bytes).toBeLessThanOrEqual(mebibyte)
  }
  expect(cache.size).toBeGreaterThan(100)
  cache.set('too large', 'v', 2 * mebibyte)
  expect(cache.get('too large')).toBeUndefined()
  cache.set('again', 'v', 100)
  cache.set('again', 'v', 200)
  const { bytes, size } = cache
  cache.set('again', 'v', 200)
  expect({ bytes: cache.bytes, size: cache.size }).toEqual({ bytes, size })
})

test('H8: a cache gives back all that it counted', () => {
  const cache = createBoundedCache<number>({ entriesMax: 100, bytesMax: mebibyte })
  const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`.repeat(index % 40))
  for (const key of keys) cache.set(key, 1, 64)
  for (const key of keys) cache.delete(key)
  expect({ bytes: cache.bytes, size: cache.size }).toEqual({ bytes: 0, size: 0 })
})

test('H8: long addresses fill no memory of a rate limiter, and are counted apart', async () => {
  const limiter = createRateLimiter({ name: 'test', quota: 1, now: () => new Date(0) })
  const before = usedBytes()
  for (let index = 0; index < 20_000; index += 1) limiter.count(`${index}${'x'.repeat(16_000)}`)
  expect(usedBytes() - before).toBeLessThan(32 * mebibyte)
  const app = new Hono().get('/:key', (c) => {
    limiter.take(c, c.req.param('key').padEnd(2_000, 'y'))
    return c.text('ok')
  })
  app.onError((_, c) => c.text('refused', 429))
  const statuses: number[] = []
  for (const key of ['a', 'a', 'b']) statuses.push((await app.request(`/${key}`)).status)
  expect(statuses).toEqual([200, 429, 200])
})
