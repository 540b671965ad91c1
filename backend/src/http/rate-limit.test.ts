import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import type { AppError } from '#errors'
import { answerProblem } from './problem.ts'
import { createRateLimiter } from './rate-limit.ts'

function start(options: { quota: number; keysMax?: number }) {
  let time = 1_000_000
  const limiter = createRateLimiter({ name: 'login', now: () => new Date(time), ...options })
  const app = new Hono()
    .get('/:key', (c) => {
      limiter.take(c, c.req.param('key'))
      return c.text('ok')
    })
    .onError((error, c) => answerProblem(c, error as AppError, 'r'))
  const ask = async (key = 'a') => app.request(`/${key}`)
  return { ask, limiter, pass: (ms: number) => (time += ms) }
}
const statusesOf = async (count: number, ask: () => Promise<Response>) => {
  const statuses: number[] = []
  for (let times = 0; times < count; times += 1) statuses.push((await ask()).status)
  return statuses
}

describe('createRateLimiter', () => {
  test('lets the quota through at once, then as many as a minute gives back', async () => {
    const { ask, pass } = start({ quota: 20 })
    expect(await statusesOf(21, ask)).toEqual([...Array(20).fill(200), 429])
    pass(2_999)
    expect((await ask()).status).toBe(429)
    pass(1)
    expect(await statusesOf(2, ask)).toEqual([200, 429])
    pass(60_000)
    expect(await statusesOf(21, ask)).toEqual([...Array(20).fill(200), 429])
  })

  test('says when to come back, in Retry-After and in the fields of the IETF draft', async () => {
    const { ask } = start({ quota: 2 })
    await statusesOf(2, ask)
    const response = await ask()
    expect(response.status).toBe(429)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'retry-after': '30',
      'ratelimit-policy': '"login";q=2;w=60',
      ratelimit: '"login";r=0;t=30',
      'content-type': 'application/problem+json',
    })
    expect(await response.json()).toMatchObject({
      code: 'too-many-requests',
      detail: expect.stringContaining('Wait 30 seconds'),
    })
  })

  test('counts each key for itself, and a refusal counts nothing', async () => {
    const { ask, pass } = start({ quota: 1 })
    expect(await statusesOf(5, ask)).toEqual([200, 429, 429, 429, 429])
    expect((await ask('b')).status).toBe(200)
    pass(60_000)
    expect((await ask()).status).toBe(200)
  })

  test('forgets whom it has not heard of for longest: memory is bounded', async () => {
    const { ask } = start({ quota: 1, keysMax: 3 })
    for (const key of ['a', 'b', 'c']) await ask(key)
    expect((await ask('a')).status).toBe(429)
    for (const key of ['d', 'e', 'f']) await ask(key)
    expect((await ask('f')).status).toBe(429)
    expect((await ask('a')).status).toBe(200)
  })

  test('shuts nobody out when the clock was set back', async () => {
    const { ask, pass } = start({ quota: 1 })
    await ask()
    pass(-3_600_000)
    expect((await ask()).status).toBe(200)
    expect((await ask()).status).toBe(429)
  })

  test('counts what was refused elsewhere, and refuses before asking then', async () => {
    const { ask, limiter } = start({ quota: 2 })
    for (let times = 0; times < 10; times += 1) limiter.count('a')
    expect((await ask()).status).toBe(429)
    expect((await ask('b')).status).toBe(200)
  })
})
