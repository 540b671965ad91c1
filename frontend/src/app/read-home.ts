import type { Me } from '@hub/shared'
import type { QueryClient } from '@tanstack/react-query'
import { activityQuery, fleetMapQuery, historyQuery } from '../features/fleet/queries.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import { troubledQuery } from './use-needs.ts'

/** Begins to read what home shows, so that all of it is there when it is drawn. */
export function readHome(client: QueryClient, { abilities, grants }: Me): void {
  if (grants.length === 0 && !abilities.administer) return
  void client.prefetchQuery(instancesQuery())
  void client.prefetchQuery(troubledQuery())
  void client.prefetchQuery(fleetMapQuery())
  void client.prefetchQuery(historyQuery())
  void client.prefetchInfiniteQuery(activityQuery())
}
