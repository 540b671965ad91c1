import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import { deviceTrialQuery } from './queries.ts'

afterEach(() => vi.unstubAllGlobals())

test.each([
  ['waits', 200, { state: 'pending', intervalSeconds: 12 }, 12_000],
  ['is done', 200, { state: 'done', intervalSeconds: 0 }, false],
  ['has ended', 400, { code: 'login-expired' }, false],
  ['has a provider that is away', 502, { code: 'provider-unavailable' }, 5_000],
])('a trial by a code that %s', async (_, status, body, expected) => {
  const answers = [
    Response.json({ state: 'pending', intervalSeconds: 5 }),
    Response.json({ status, detail: 'No.', requestId: 'r', ...body }, { status }),
  ]
  vi.stubGlobal('fetch', async () => answers.shift())
  const options = deviceTrialQuery('prod', { trial: 't' }, true)
  const observer = new QueryObserver(new QueryClient(), options)
  await observer.refetch()
  await observer.refetch()
  const { refetchInterval } = options
  const query = observer.getCurrentQuery()
  expect(typeof refetchInterval === 'function' && refetchInterval(query)).toBe(expected)
})
