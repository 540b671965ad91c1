import type { GrantOrigin } from '@hub/shared'
import { MutationObserver, QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGrantMutation } from './mutations.ts'
import { effectiveAccessQuery, grantsQuery, personQuery, sessionsOfQuery } from './queries.ts'

const fetchPlayed = vi.fn<typeof fetch>()
const grant: GrantOrigin = {
  id: 'g1',
  role: 'viewer',
  instanceId: 'prod-east',
  namespaces: null,
  source: 'manual',
  endsAt: null,
  isActive: true,
  createdAt: '2026-03-01T12:00:00Z',
  createdBy: 'oidc:ada',
  createdByName: 'Ada',
  mapping: null,
  principal: null,
  file: null,
}

beforeEach(() => vi.stubGlobal('fetch', fetchPlayed))
afterEach(() => {
  vi.unstubAllGlobals()
  fetchPlayed.mockReset()
})

/** Which of what is known of a person is to be read again after a role was given, or was not. */
async function giveRole() {
  const client = new QueryClient()
  const known = {
    grants: grantsQuery({ user: 'u1' }),
    access: effectiveAccessQuery({ user: 'u1' }),
    person: personQuery('u1'),
    sessions: sessionsOfQuery('u1'),
  }
  for (const { queryKey } of Object.values(known)) {
    client.getQueryCache().build(client, { queryKey })
  }
  const onSuccess = vi.fn<() => void>()
  const giving = new MutationObserver(client, {
    ...createGrantMutation({ user: 'u1' }),
    onSuccess,
  })
  await giving.mutate({ role: 'viewer', instanceId: 'prod-east' }).catch(() => null)
  const outdated = Object.entries(known)
    .filter(([, { queryKey }]) => client.getQueryState(queryKey)?.isInvalidated)
    .map(([name]) => name)
  return { outdated, onSuccess }
}

test('a role that is given outdates what follows from it, whatever a component does on success', async () => {
  fetchPlayed.mockImplementation(async () => Response.json(grant))
  const { outdated, onSuccess } = await giveRole()
  expect(outdated).toEqual(['grants', 'access', 'person'])
  expect(onSuccess).toHaveBeenCalledTimes(1)
})

test('a role that was not given outdates nothing', async () => {
  fetchPlayed.mockImplementation(async () => Response.json({}, { status: 409 }))
  const { outdated, onSuccess } = await giveRole()
  expect(outdated).toEqual([])
  expect(onSuccess).not.toHaveBeenCalled()
})
