import type { Me } from '@hub/shared'
import { onlineManager, type QueryClient } from '@tanstack/react-query'
import { meQuery } from '../features/auth/queries.ts'

/**
 * Who is signed in, asked again only where that is in doubt. Without a network nobody can be asked: who it was counts until
 * then, or whoever goes to another page would wait for the network without a word.
 */
export async function readMe(client: QueryClient): Promise<Me> {
  const state = client.getQueryState(meQuery().queryKey)
  if (state?.data && !(state.isInvalidated && onlineManager.isOnline())) return state.data
  return await client.fetchQuery({ ...meQuery(), staleTime: 0 })
}
