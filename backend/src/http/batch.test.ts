import type { BatchAnswer } from '@hub/shared'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { BoundOperation } from '#operation'
import { createBatch } from './batch.ts'
import type { HubEnv } from './hub-env.ts'

const reads = [
  { effect: 'read', http: { method: 'get', path: '/api/things/:id' }, output: { kept: {} } },
] as unknown as BoundOperation[]

test('what takes too long is told so, and holds up nothing beside it', async () => {
  const given: AbortSignal[] = []
  const ask = (request: Request) => {
    given.push(request.signal)
    return request.url.endsWith('slow') ? new Promise<never>(() => {}) : Response.json({ is: 1 })
  }
  const batch = createBatch(reads, ask, 50)
  const app = new Hono<HubEnv>().get('/api/batch', (c) => {
    c.set('ctx', { requestId: 'r1' } as HubEnv['Variables']['ctx'])
    c.set('standardHeaders', {})
    return batch.answer(c, ['/api/things/slow', '/api/things/quick'])
  })
  const response = await app.request('/api/batch')
  const { answers } = (await response.json()) as BatchAnswer
  expect(answers).toEqual([
    {
      status: 503,
      body: expect.objectContaining({
        code: 'unavailable',
        instance: '/api/things/slow',
        requestId: 'r1',
      }),
    },
    { status: 200, body: { is: 1 } },
  ])
  // Nobody waits for it any more.
  expect(given.every(({ aborted }) => aborted)).toBe(true)
})
