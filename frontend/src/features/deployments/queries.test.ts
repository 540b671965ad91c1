import { MutationObserver, QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  deleteDeploymentMutation,
  deploymentQuery,
  deploymentPageQuery,
  facetsQuery,
} from './queries.ts'
import { sampleDeployment } from './sample-deployment.ts'

const fetchPlayed = vi.fn<typeof fetch>()
const path = '/api/instances/prod-east/namespaces/team-a/deployments'

beforeEach(() => vi.stubGlobal('fetch', fetchPlayed))
afterEach(() => {
  vi.unstubAllGlobals()
  fetchPlayed.mockReset()
})

function answer(body: unknown) {
  fetchPlayed.mockImplementation(async () => Response.json(body))
}

test('a page is asked for by what narrows the list, by its place, and by nothing else', async () => {
  const counts = { running: 0, starting: 0, attention: 0, deleting: 0 }
  answer({ items: [], total: 0, counts, next: null, partial: [] })
  const client = new QueryClient()
  await client.fetchQuery(deploymentPageQuery({ instance: 'prod-east', sort: '-createdAt' }, 0))
  await client.fetchQuery(deploymentPageQuery({ owner: 'oidc:alice' }, 3))
  await client.fetchQuery(deploymentPageQuery({}, 0, 3))
  expect(fetchPlayed.mock.calls.map(([url]) => url)).toEqual([
    '/api/deployments?instance=prod-east&sort=-createdAt&limit=100',
    '/api/deployments?owner=oidc%3Aalice&offset=300&limit=100',
    '/api/deployments?limit=3',
  ])
})

test('what a list can be narrowed to does not depend on its order', async () => {
  answer({ instances: [], namespaces: [], models: [], owners: [], gpus: [], engines: [] })
  await new QueryClient().fetchQuery(facetsQuery({ q: 'llama', sort: 'name' }))
  expect(fetchPlayed.mock.calls.map(([url]) => url)).toEqual(['/api/deployments/facets?q=llama'])
})

test('the answer to a deletion is on its page and in the lists before the stream tells of it', async () => {
  const deleting = sampleDeployment({ deletingSince: '2026-03-01T13:00:00Z' })
  const client = new QueryClient()
  const { queryKey } = deploymentQuery(deleting)
  client.setQueryData(queryKey, { deployment: sampleDeployment(), gone: false })
  answer(deleting)
  await new MutationObserver(client, deleteDeploymentMutation(deleting)).mutate()
  expect(fetchPlayed.mock.calls[0]?.[0]).toBe(`${path}/llama?uid=uid-1`)
  expect(client.getQueryData(queryKey)).toEqual({ deployment: deleting, gone: false })
})
