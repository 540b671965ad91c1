import { MutationObserver, QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sampleDeployment } from '../sample-deployment.ts'
import { createMutation, tryCreate } from './queries.ts'

const fetchPlayed = vi.fn<typeof fetch>()
const path = '/api/instances/prod-east/namespaces/team-a/deployments'
const at = { instance: 'prod-east', namespace: 'team-a' }
const input = { name: 'llama', spec: { model: { id: 'meta-llama/Llama' } } }

beforeEach(() => {
  vi.stubGlobal('fetch', fetchPlayed)
  fetchPlayed.mockImplementation(async () => Response.json(sampleDeployment()))
})
afterEach(() => {
  vi.unstubAllGlobals()
  fetchPlayed.mockReset()
})

test('a dry run says so, and has no key', async () => {
  await tryCreate(at, input, new AbortController().signal)
  const [address, sent] = fetchPlayed.mock.calls[0]!
  expect(address).toBe(`${path}?dryRun=All`)
  expect(new Headers(sent?.headers).has('idempotency-key')).toBe(false)
})

test('what is created is named by a key, so that it can be asked for again', async () => {
  const create = new MutationObserver(new QueryClient(), createMutation())
  await create.mutate({ at, input, key: 'k1' })
  const [address, sent] = fetchPlayed.mock.calls[0]!
  expect(address).toBe(path)
  expect(sent?.body).toBe(JSON.stringify(input))
  expect(new Headers(sent?.headers).get('idempotency-key')).toBe('k1')
  expect(new Headers(sent?.headers).get('content-type')).toBe('application/json')
})
