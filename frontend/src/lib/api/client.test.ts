import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { api, encode, read, send } from './client.ts'

const fetchPlayed = vi.fn<typeof fetch>()

beforeEach(() => vi.stubGlobal('fetch', fetchPlayed))
afterEach(() => {
  vi.unstubAllGlobals()
  fetchPlayed.mockReset()
})

function answer(body: unknown) {
  fetchPlayed.mockImplementation(async () => Response.json(body))
}

test('a name from the address bar stays one segment of the path', async () => {
  answer({})
  const at = { instance: '../auth', namespace: 'a/b', name: 'c?d' }
  const deployment = api.instances[':instance'].namespaces[':namespace'].deployments[':name']
  await send(deployment.$delete({ param: encode(at), query: { uid: '0a-1b' } }))
  expect(fetchPlayed.mock.calls[0]?.[0]).toBe(
    '/api/instances/..%2Fauth/namespaces/a%2Fb/deployments/c%3Fd?uid=0a-1b',
  )
})

test('what is undefined in a query is not sent', async () => {
  answer({})
  await send(api.deployments.$get({ query: { q: undefined } }))
  expect(fetchPlayed.mock.calls[0]?.[0]).toBe('/api/deployments')
})

describe('what goes wrong is a problem with words', () => {
  test('when the hub cannot be reached', async () => {
    fetchPlayed.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(read(api.instances.$get())).rejects.toMatchObject({
      name: 'ApiProblem',
      status: 0,
    })
  })

  test('when the answer has another form', async () => {
    fetchPlayed.mockImplementation(async () => new Response('<html>a proxy</html>'))
    await expect(read(api.instances.$get())).rejects.toMatchObject({
      name: 'ApiProblem',
      code: 'internal',
    })
  })

  test('but a request that was given up stays what it is', async () => {
    fetchPlayed.mockRejectedValue(new DOMException('given up', 'AbortError'))
    await expect(read(api.instances.$get())).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})
