import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OutsideProviderConfig } from '#config'
import { quietLog } from '../../test/quiet-log.ts'
import { createOutsideModels } from './outside-models.ts'

const provider: OutsideProviderConfig = {
  id: 'acme',
  url: 'https://models.example.com/v1',
  apiKey: 'k',
  keyName: 'ACME_API_KEY',
  scheme: 'bearer',
  tellsUsage: false,
  file: null,
}

/** A provider that answers this, the hub's clock, and what it was asked. */
function world(
  answer: () => Response | Promise<Response>,
  of: Partial<OutsideProviderConfig> = {},
) {
  const asked: { url: string; headers: Headers }[] = []
  let now = new Date('2030-01-31T10:00:00Z').getTime()
  const configured = { ...provider, ...of }
  const list = createOutsideModels({
    fetch: async (url, init) => {
      asked.push({ url: new Request(url).url, headers: new Headers(init?.headers) })
      return answer()
    },
    log: quietLog,
    now: () => new Date(now),
  })
  return {
    asked,
    list: (changed: Partial<OutsideProviderConfig> = {}) => list({ ...configured, ...changed }),
    pass: (ms: number) => void (now += ms),
  }
}

const json = (body: unknown, status = 200) => Response.json(body, { status })

describe('the models of a provider outside', () => {
  test.each([
    [
      "OpenAI's list",
      { object: 'list', data: [{ id: 'a', object: 'model', created: 1_700_000_000 }] },
      [{ id: 'a', created: 1_700_000_000 }],
    ],
    ['an array alone, as Together has it', [{ id: 'org/b' }], [{ id: 'org/b', created: 0 }]],
    [
      "Anthropic's list",
      { data: [{ type: 'model', id: 'c', created_at: '2025-02-19T00:00:00Z' }], has_more: false },
      [{ id: 'c', created: 1_739_923_200 }],
    ],
    [
      'entries of which some are none',
      {
        data: [{ id: 'a', created: 'yesterday' }, null, { name: 'b' }, { id: '' }, { id: 7 }, 'c'],
      },
      [{ id: 'a', created: 0 }],
    ],
    ['a list of none', { data: [] }, []],
  ])('are read from %s', async (_, body, models) => {
    await expect(world(() => json(body)).list()).resolves.toEqual(models)
  })

  test('are asked for with the key, and as the provider has it', async () => {
    const bearer = world(() => json({ data: [] }))
    await bearer.list()
    expect(bearer.asked[0]!.url).toBe('https://models.example.com/v1/models')
    expect(bearer.asked[0]!.headers.get('authorization')).toBe('Bearer k')
    const header = world(() => json({ data: [] }), { scheme: 'x-api-key' })
    await header.list()
    expect(header.asked[0]!.url).toBe('https://models.example.com/v1/models?limit=1000')
    expect(header.asked[0]!.headers.get('x-api-key')).toBe('k')
    expect(header.asked[0]!.headers.get('anthropic-version')).toBe('2023-06-01')
    const none = world(() => json({ data: [] }), { apiKey: null })
    await none.list()
    expect(none.asked[0]!.headers.has('authorization')).toBe(false)
  })

  test('are asked for once in ten minutes, however many want them', async () => {
    const { asked, list, pass } = world(() => json({ data: [{ id: 'a' }] }))
    await Promise.all([list(), list(), list()])
    await list()
    expect(asked).toHaveLength(1)
    pass(10 * 60_000)
    await list()
    expect(asked).toHaveLength(2)
  })

  test('stay what they were for a day while the provider cannot be asked', async () => {
    let answer = () => json({ data: [{ id: 'a' }] })
    const { list, pass } = world(() => answer())
    await list()
    answer = () => json({}, 500)
    pass(60 * 60_000)
    await expect(list()).resolves.toEqual([{ id: 'a', created: 0 }])
    pass(24 * 60 * 60_000)
    await expect(list()).rejects.toMatchObject({ code: 'instance-error' })
  })

  test('are asked for anew of one whose address or key has changed, and of no other', async () => {
    let models = [{ id: 'a', created: 0 }]
    const { asked, list } = world(() => json({ data: models }))
    await list()
    models = [{ id: 'b', created: 0 }]
    await expect(list()).resolves.toEqual([{ id: 'a', created: 0 }])
    await expect(list({ id: 'other' })).resolves.toEqual(models)
    await expect(list()).resolves.toEqual([{ id: 'a', created: 0 }])
    await expect(list({ apiKey: 'another' })).resolves.toEqual(models)
    await expect(list({ url: 'https://elsewhere.example.com' })).resolves.toEqual(models)
    expect(asked.map(({ headers, url }) => [url, headers.get('authorization')])).toEqual([
      ['https://models.example.com/v1/models', 'Bearer k'],
      ['https://models.example.com/v1/models', 'Bearer k'],
      ['https://models.example.com/v1/models', 'Bearer another'],
      ['https://elsewhere.example.com/models', 'Bearer k'],
    ])
  })

  test('of one whose address has changed are never those that it had there', async () => {
    let answer = () => json({ data: [{ id: 'a' }] })
    const { list } = world(() => answer())
    await list()
    answer = () => json({}, 500)
    await expect(list({ url: 'https://elsewhere.example.com' })).rejects.toMatchObject({
      code: 'instance-error',
    })
  })

  test.each([404, 405, 501])('are none where there is no such address (%i)', async (status) => {
    await expect(world(() => json({ error: 'no' }, status)).list()).resolves.toEqual([])
  })

  test.each([
    ['a page', () => new Response('<!doctype html>'), 'instance-error'],
    ['a list of another shape', () => json({ models: [] }), 'instance-error'],
    ['an error', () => json({}, 500), 'instance-error'],
    ['a way elsewhere', () => new Response(null, { status: 302 }), 'instance-error'],
    ['no end', () => new Response(new Blob([' '.repeat(9 * 1024 * 1024)])), 'instance-error'],
    ['a refusal', () => json({}, 401), 'instance-unauthorized'],
  ])('are an error where it answers with %s', async (_, answer, code) => {
    await expect(world(answer).list()).rejects.toMatchObject({ code })
  })

  test('are an error that quotes no address where it cannot be reached', async () => {
    const { list } = world(() => Promise.reject(new TypeError(`fetch failed: ${provider.url}`)))
    await expect(list()).rejects.toMatchObject({
      code: 'instance-unreachable',
      detail: 'Provider "acme" cannot be reached. Try again, or choose another.',
    })
  })

  describe('of one that hangs', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    test('are waited for three seconds, and there for the next', async () => {
      const held = Promise.withResolvers<Response>()
      const { asked, list } = world(() => held.promise)
      const first = list().catch((error: unknown) => error)
      await vi.advanceTimersByTimeAsync(3000)
      await expect(first).resolves.toMatchObject({ code: 'instance-timeout' })
      const next = list()
      held.resolve(json({ data: [{ id: 'a' }] }))
      await expect(next).resolves.toEqual([{ id: 'a', created: 0 }])
      expect(asked).toHaveLength(1)
    })
  })
})
