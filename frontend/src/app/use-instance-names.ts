import { useQuery } from '@tanstack/react-query'
import { instancesQuery } from '../features/instances/queries.ts'

/** The names of the instances that the person sees. */
export function useInstanceNames(): readonly string[] {
  return useQuery(instancesQuery()).data?.items.map(({ id }) => id) ?? []
}
