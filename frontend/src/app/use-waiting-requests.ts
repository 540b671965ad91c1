import type { Me } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { waitingQuery } from '../features/access-requests/queries.ts'
import { isLocal } from '../features/auth/queries.ts'

/** How many access requests are waiting; none for whom they do not concern. */
export function useWaitingRequests(me: Me): number {
  const isConcerned = me.abilities.administer && !isLocal(me)
  const waiting = useQuery({ ...waitingQuery(), enabled: isConcerned })
  return isConcerned ? (waiting.data ?? 0) : 0
}
