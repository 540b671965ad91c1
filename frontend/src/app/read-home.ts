import type { Me } from '@hub/shared'
import type { QueryClient } from '@tanstack/react-query'
import { waitingQuery } from '../features/access-requests/queries.ts'
import { isLocal } from '../features/auth/queries.ts'
import { credentialsQuery } from '../features/credentials/queries.ts'
import { activityQuery, fleetMapQuery, historyQuery } from '../features/fleet/queries.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import { troubledQuery } from './use-needs.ts'

/** Begins to read what home shows, so that all of it is there when it is drawn. */
export function readHome(client: QueryClient, me: Me): void {
  const { abilities, grants } = me
  if (grants.length === 0 && !abilities.administer) return
  void client.prefetchQuery(instancesQuery())
  void client.prefetchQuery(troubledQuery())
  void client.prefetchQuery(fleetMapQuery())
  void client.prefetchQuery(historyQuery())
  void client.prefetchInfiniteQuery(activityQuery())
  if (!abilities.administer) return
  void client.prefetchQuery(credentialsQuery())
  if (!isLocal(me)) void client.prefetchQuery(waitingQuery())
}
