import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { facetsQuery } from './queries.ts'

/** What the owners of deployments are called, by principal; asked for once the rows are there, and when one has come since. */
export function useOwnerNames(owners: ReadonlySet<string> | null): ReadonlyMap<string, string> {
  const { data, refetch } = useQuery({
    ...facetsQuery({}),
    enabled: owners !== null,
    staleTime: 300_000,
  })
  const names = useMemo(
    () => new Map((data?.owners ?? []).map(({ label, value }) => [value, label])),
    [data],
  )
  const unknown = data && [...(owners ?? [])].filter((owner) => !names.has(owner)).join(' ')
  useEffect(() => {
    if (unknown) void refetch()
  }, [unknown, refetch])
  return names
}
