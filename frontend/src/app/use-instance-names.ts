import { useQuery } from '@tanstack/react-query'
import { instancesQuery } from '../features/instances/queries.ts'
import { outsideProvidersQuery } from '../features/people/queries.ts'

/** The names of the instances that the person sees. */
export function useInstanceNames(): readonly string[] {
  return useQuery(instancesQuery()).data?.items.map(({ id }) => id) ?? []
}

/** Where administrators give roles: on instances, and on providers of models outside. */
export function useScopeNames(): readonly string[] {
  const outside = useQuery(outsideProvidersQuery()).data?.items ?? []
  return [...new Set([...useInstanceNames(), ...outside.map(({ id }) => id)])]
}
