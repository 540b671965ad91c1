import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { facetsQuery } from './queries.ts'

/** What the owners of deployments are called, by principal; asked for once the rows are there. */
export function useOwnerNames(isWanted: boolean): ReadonlyMap<string, string> {
  const { data } = useQuery({ ...facetsQuery({}), enabled: isWanted, staleTime: 300_000 })
  return useMemo(
    () => new Map((data?.owners ?? []).map(({ label, value }) => [value, label])),
    [data],
  )
}
