import type { Problem, Usage } from '@hub/shared'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeHub } from '../../test/describe-hub.ts'
import { readRange } from './read-range.ts'
import { toRow } from './counts.ts'
import { addUsage } from './store.ts'

const day = 86_400_000
const canary = '=HYPERLINK("https://example.com","prize")'

describeHub('GET /api/usage', { env: { HUB_ADMINS: 'oidc:root' } }, (world) => {
  const signIn = async (who: string) => {
    const browser = world.hub.browser()
    await browser.signIn(who)
    return browser
  }
  const read = async (who: string, query = '') => {
    const response = await (await signIn(who)).request(`/api/usage?${query}`)
    return { status: response.status, body: (await response.json()) as Usage & Problem }
  }
  const hourAgo = () => new Date(Date.now() - 3_600_000)
  beforeAll(async () => {
    await signIn('ada')
    const qwen = { instance: 'east', namespace: 'team', deployment: 'qwen', model: 'qwen3' }
    const outside = { instance: 'groq', namespace: null, deployment: null, model: canary }
    const [ada, bob] = [
      { principal: 'oidc:ada', team: 'oidc:ml' },
      { principal: 'oidc:bob', team: null },
    ]
    await world.database.db.transaction((tx) =>
      addUsage(tx, [
        toRow({ ...ada, ...qwen }, hourAgo(), {
          requests: 3,
          errors: 1,
          promptTokens: 30,
          completionTokens: 7,
          firstByteMs: 500,
          firstBytes: 2,
        }),
        toRow({ ...ada, ...qwen }, new Date(Date.now() - 3 * day), {
          requests: 1,
          gpuSeconds: 5_400,
        }),
        toRow({ ...ada, ...outside }, hourAgo(), { requests: 2, promptTokens: 4 }),
        toRow({ ...bob, ...qwen }, hourAgo(), { requests: 10, completionTokens: 90 }),
        toRow({ ...bob, ...qwen }, new Date(Date.now() - 30 * day), { requests: 100 }),
      ]),
    )
  })

  test("answers the caller's own of seven days, by model and day", async () => {
    const { body, status } = await read('ada')
    expect(status).toBe(200)
    expect(body).toMatchObject({ every: 'day', by: 'model', more: 0 })
    expect(body.at.length).toBe(8)
    expect(body.total).toEqual({
      requests: 6,
      errors: 1,
      promptTokens: 34,
      completionTokens: 7,
      firstByteMs: 250,
      gpuHours: 1.5,
    })
    expect(body.items.map(({ key, requests }) => [key, requests])).toEqual([
      ['qwen3', 4],
      [canary, 2],
    ])
    const [qwen] = body.items
    expect(qwen!.series.requests.reduce((a, b) => a + b, 0)).toBe(4)
    expect(qwen!.series.requests[qwen!.series.requests.length - 4]).toBe(1)
    expect(qwen!.series.gpuHours[qwen!.series.gpuHours.length - 4]).toBe(1.5)
  })

  test.each([
    [
      'caller',
      [
        ['oidc:bob', 10],
        ['oidc:ada', 6],
      ],
    ],
    [
      'team',
      [
        ['', 10],
        ['oidc:ml', 6],
      ],
    ],
    [
      'instance',
      [
        ['east', 14],
        ['groq', 2],
      ],
    ],
    [
      'namespace',
      [
        ['east/team', 14],
        ['groq/', 2],
      ],
    ],
  ])("answers everybody's to an administrator, by %s", async (by, expected) => {
    const { body } = await read('root', `who=all&by=${by}`)
    expect(body.items.map(({ key, requests }) => [key, requests])).toEqual(expected)
    expect(body.total.requests).toBe(16)
  })

  test('names people, and instances as they are called', async () => {
    const { body: callers } = await read('root', 'who=all&by=caller')
    expect(callers.items.find(({ key }) => key === 'oidc:ada')!.label).not.toBe('oidc:ada')
    const { body } = await read('root', 'who=all&by=namespace')
    expect(body.items.map(({ label }) => label)).toEqual(['east/team', 'groq'])
  })

  test("403 for everybody's to whoever does not administer the hub", async () => {
    expect(await read('ada', 'who=all')).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  test('by hour for a short time, and as far back as is asked', async () => {
    const from = new Date(Date.now() - 2 * 3_600_000).toISOString()
    const { body } = await read('root', `who=all&from=${from}`)
    expect(body.every).toBe('hour')
    expect(body.total.requests).toBe(15)
    const longer = new Date(Date.now() - 60 * day).toISOString()
    expect((await read('root', `who=all&from=${longer}`)).body.total.requests).toBe(116)
  })

  test.each([
    ['from=2030-01-02&to=2030-01-01', '?from'],
    ['from=2020-01-01', '?from'],
    ['from=2030-01-01&to=2030-02-01&every=hour', '?every'],
    ['by=secret', '?by'],
    ['who=oidc:bob', '?who'],
    ['more=1', '?more'],
  ])('400 for %s', async (query, pointer) => {
    const { body, status } = await read('root', query)
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer])
  })

  test.each([
    ['Accept: text/csv', '', { accept: 'text/csv' }],
    ['format=csv', '?format=csv', {}],
  ])('as CSV for %s, with nothing that a spreadsheet runs', async (_, query, headers) => {
    const browser = await signIn('ada')
    const response = await browser.request(`/api/usage${query}`, { headers })
    expect(response.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="usage-by-model-/,
    )
    const lines = (await response.text()).trimEnd().split('\r\n')
    expect(lines[0]).toBe(
      'model,name,requests,errors,promptTokens,completionTokens,firstByteMs,gpuHours',
    )
    expect(lines[1]).toBe('qwen3,qwen3,4,1,30,7,250,1.5')
    expect(lines[2]).toMatch(/^"'=HYPERLINK/)
  })
})

describe('the time of a question', () => {
  const now = new Date('2030-01-31T10:20:00Z')
  test('is whole hours of up to two days, else whole days', () => {
    const hours = readRange({ from: '2030-01-30T10:30:00Z' }, now)
    expect([hours.every, hours.at.length, hours.from.toISOString()]).toEqual([
      'hour',
      25,
      '2030-01-30T10:00:00.000Z',
    ])
    const days = readRange({ from: '2030-01-01', to: '2030-01-31' }, now)
    expect([days.every, days.at.length]).toEqual(['day', 30])
  })
})
