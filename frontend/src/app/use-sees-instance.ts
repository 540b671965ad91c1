import { useQuery } from '@tanstack/react-query'
import { instancesQuery } from '../features/instances/queries.ts'

/** Whether the person sees the instance; supposed while that is not known. */
export function useSeesInstance(id: string): boolean {
  const { data } = useQuery(instancesQuery())
  return data === undefined || data.items.some((instance) => instance.id === id)
}
