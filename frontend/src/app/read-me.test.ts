import type { Me } from '@hub/shared'
import { onlineManager, QueryClient } from '@tanstack/react-query'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { meQuery } from '../features/auth/queries.ts'
import { readMe } from './read-me.ts'

const known = { principal: 'oidc:ada' } as Me
const now = { principal: 'oidc:eve' } as Me

function open(isInvalidated: boolean) {
  const client = new QueryClient()
  const { queryKey } = meQuery()
  client.setQueryData(queryKey, known)
  if (isInvalidated) void client.invalidateQueries({ queryKey, refetchType: 'none' })
  const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json(now))
  vi.stubGlobal('fetch', fetch)
  return { client, fetch }
}

afterEach(() => {
  vi.unstubAllGlobals()
  onlineManager.setOnline(true)
})

describe('who is signed in', () => {
  test('is not asked again where nothing puts it in doubt', async () => {
    const { client, fetch } = open(false)
    expect(await readMe(client)).toBe(known)
    expect(fetch).not.toHaveBeenCalled()
  })

  test('is asked where it is in doubt', async () => {
    const { client } = open(true)
    expect(await readMe(client)).toEqual(now)
  })

  test('is who it was while there is no network to ask over, and asked once there is', async () => {
    const { client, fetch } = open(true)
    onlineManager.setOnline(false)
    expect(await readMe(client)).toBe(known)
    expect(fetch).not.toHaveBeenCalled()
    onlineManager.setOnline(true)
    expect(await readMe(client)).toEqual(now)
  })
})
