import type { Me } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { useNow } from '../components/relative-time.tsx'
import { credentialsQuery } from '../features/credentials/queries.ts'
import { deploymentPageQuery } from '../features/deployments/queries.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import { listNeeds, troubledShown, type NeedFacts } from './list-needs.ts'
import { useWaitingRequests } from './use-waiting-requests.ts'

/** Nobody waits here for a file to be taken over. */
const lookAgainMs = 60_000

/** The first deployments in trouble, and how many there are. */
export function troubledQuery() {
  return deploymentPageQuery({ status: 'attention', sort: 'instance' }, 0, troubledShown)
}

/** What needs this person, as it is now. */
export function useNeeds(me: Me): NeedFacts[] {
  const instances = useQuery(instancesQuery())
  const troubled = useQuery(troubledQuery())
  const credentials = useQuery({
    ...credentialsQuery(),
    enabled: me.abilities.administer,
    refetchInterval: lookAgainMs,
  })
  const waiting = useWaitingRequests(me)
  const now = useNow()
  return listNeeds({
    instances: instances.data?.items ?? [],
    troubled: troubled.data ?? null,
    credentials: credentials.data?.items ?? [],
    waiting,
    now,
  })
}
