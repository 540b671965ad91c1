import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createDeployment,
  deleteDeployment,
  fetchDeployments,
  fetchInstances,
  signInPath,
} from './client.ts'

const fetchPlayed = vi.fn<typeof fetch>()
const { signal } = new AbortController()

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
  await deleteDeployment({ ...at, uid: '0a-1b' }).catch(() => null)
  expect(fetchPlayed.mock.calls[0]?.[0]).toBe(
    '/api/instances/..%2Fauth/namespaces/a%2Fb/deployments/c%3Fd?uid=0a-1b',
  )
  expect(signInPath('../x', '/deployments?q=a b')).toBe(
    '/api/auth/login/..%2Fx?return_to=%2Fdeployments%3Fq%3Da+b',
  )
})

test('a dry run says so, and nothing else does', async () => {
  answer({})
  const at = { instance: 'prod-east', namespace: 'team-a' }
  const input = { name: 'llama', spec: { model: { id: 'meta-llama/Llama' } } }
  await createDeployment(at, input, { dryRun: true }).catch(() => null)
  await createDeployment(at, input, { dryRun: false }).catch(() => null)
  const path = '/api/instances/prod-east/namespaces/team-a/deployments'
  expect(fetchPlayed.mock.calls.map(([url]) => url)).toEqual([`${path}?dryRun=All`, path])
  const sent = fetchPlayed.mock.calls[1]?.[1]
  expect(sent?.body).toBe(JSON.stringify(input))
  expect(new Headers(sent?.headers).get('content-type')).toBe('application/json')
})

test('a list is asked for by what narrows it, and by nothing else', async () => {
  const counts = { running: 0, starting: 0, attention: 0, deleting: 0 }
  answer({ items: [], total: 0, counts, next: null, partial: [] })
  await fetchDeployments({ instance: 'prod-east', sort: '-createdAt', limit: 100 }, signal)
  await fetchDeployments({ q: undefined }, signal)
  expect(fetchPlayed.mock.calls.map(([url]) => url)).toEqual([
    '/api/deployments?instance=prod-east&sort=-createdAt&limit=100',
    '/api/deployments',
  ])
})

describe('what goes wrong is a problem with words', () => {
  test('when the hub cannot be reached', async () => {
    fetchPlayed.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(fetchInstances(signal)).rejects.toMatchObject({ name: 'ApiProblem', status: 0 })
  })

  test('when the answer has another form', async () => {
    answer({ items: 'all of them' })
    await expect(fetchInstances(signal)).rejects.toMatchObject({
      name: 'ApiProblem',
      code: 'internal',
    })
  })

  test('but a request that was given up stays what it is', async () => {
    fetchPlayed.mockRejectedValue(new DOMException('given up', 'AbortError'))
    await expect(fetchInstances(signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})
