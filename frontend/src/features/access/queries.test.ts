import { MutationObserver, QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import { endSessionMutation, sessionsQuery } from './queries.ts'

afterEach(() => vi.unstubAllGlobals())

test('the sessions are read again after one was ended, and after it could not be', async () => {
  const statuses = [204, 404]
  vi.stubGlobal('fetch', async () => new Response(null, { status: statuses.shift()! }))
  for (const isEnded of [true, false]) {
    const client = new QueryClient()
    const { queryKey } = sessionsQuery()
    client.setQueryData(queryKey, { items: [] })
    const ending = new MutationObserver(client, endSessionMutation()).mutate('s1')
    expect(await ending.then(() => true).catch(() => false)).toBe(isEnded)
    expect(client.getQueryState(queryKey)?.isInvalidated).toBe(true)
  }
})
