import type { BatchAnswer } from '@hub/shared'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { api, read, together } from './client.ts'

const fetchPlayed = vi.fn<typeof fetch>()

beforeEach(() => vi.stubGlobal('fetch', fetchPlayed))
afterEach(() => {
  vi.unstubAllGlobals()
  fetchPlayed.mockReset()
})

const { signal } = new AbortController()
const readMap = (by = signal) => read(api.fleet.map.$get({}, together(by)))
const readInstances = (by = signal) => read(api.instances.$get({}, together(by)))
const answerWith = (body: BatchAnswer) =>
  fetchPlayed.mockImplementation(async () => Response.json(body))
const problem = {
  type: '/docs/errors#unavailable',
  title: 'Not available',
  status: 503,
  detail: 'Not now.',
  instance: '/api/fleet/map',
  code: 'unavailable',
  requestId: 'r1',
}
const asked = () => fetchPlayed.mock.calls.map(([address]) => address)

test('what is read in one moment is one request, and each gets its own', async () => {
  answerWith({
    answers: [
      { status: 200, body: { items: [] } },
      { status: 200, body: { instances: [] } },
    ],
  })
  expect(await Promise.all([readInstances(), readMap()])).toEqual([
    { items: [] },
    { instances: [] },
  ])
  expect(asked()).toEqual(['/api/batch?get=%2Fapi%2Finstances&get=%2Fapi%2Ffleet%2Fmap'])
})

test('what is read alone is asked for by its own address', async () => {
  fetchPlayed.mockImplementation(async () => Response.json({ items: [] }))
  expect(await readInstances()).toEqual({ items: [] })
  expect(asked()).toEqual(['/api/instances'])
})

test('what a moment of work asks for goes together, however deep it is asked for', async () => {
  answerWith({
    answers: [
      { status: 200, body: 1 },
      { status: 200, body: 2 },
    ],
  })
  const first = readInstances()
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  const second = readMap()
  expect(await Promise.all([first, second])).toEqual([1, 2])
  expect(fetchPlayed).toHaveBeenCalledOnce()
})

describe('what goes wrong', () => {
  test('is told to whose part it is, and to nobody else', async () => {
    answerWith({
      answers: [
        { status: 200, body: { items: [] } },
        { status: 503, body: problem },
      ],
    })
    const [instances, map] = await Promise.allSettled([readInstances(), readMap()])
    expect(instances).toMatchObject({ status: 'fulfilled' })
    expect(map).toMatchObject({ reason: { status: 503, detail: 'Not now.', requestId: 'r1' } })
  })

  test.each([
    ['the hub refuses all of it', Response.json(problem, { status: 503 }), 503],
    ['nobody answers', new TypeError('Failed to fetch'), 0],
    ['a proxy answers', new Response('<html>', { status: 502 }), 502],
    ['the answer has another form', Response.json({}), 200],
    ['the answer is no JSON', new Response('<html>'), 200],
  ])('is told to each where %s', async (_what, answer, status) => {
    fetchPlayed.mockImplementation(async () => {
      if (answer instanceof Error) throw answer
      return answer
    })
    const results = await Promise.allSettled([readInstances(), readMap()])
    const failed = { status: 'rejected', reason: { name: 'ApiProblem', status } }
    expect(results).toMatchObject([failed, failed])
  })
})

describe('what nobody wants any more', () => {
  const given = () => fetchPlayed.mock.calls[0]?.[1]?.signal

  test('is not asked for', async () => {
    const leaving = new AbortController()
    fetchPlayed.mockImplementation(async () => Response.json({ items: [] }))
    const left = readMap(leaving.signal)
    const kept = readInstances()
    leaving.abort()
    await expect(left).rejects.toMatchObject({ name: 'AbortError' })
    expect(await kept).toEqual({ items: [] })
    expect(asked()).toEqual(['/api/instances'])
  })

  test('ends alone, and the request with the last of it', async () => {
    const [one, other] = [new AbortController(), new AbortController()]
    fetchPlayed.mockImplementation(() => new Promise(() => {}))
    const reads = [readMap(one.signal), readInstances(other.signal)]
    await vi.waitFor(() => expect(fetchPlayed).toHaveBeenCalled())
    one.abort()
    await expect(reads[0]).rejects.toMatchObject({ name: 'AbortError' })
    expect(given()?.aborted).toBe(false)
    other.abort()
    await expect(reads[1]).rejects.toMatchObject({ name: 'AbortError' })
    expect(given()?.aborted).toBe(true)
  })
})
