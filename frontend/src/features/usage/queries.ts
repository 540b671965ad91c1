import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, read } from '../../lib/api/client.ts'
import { readClock } from '../../lib/clock.ts'
import { toUsageQuery, type UsageSearch } from './usage-search.ts'

const { usage } = api
const everyMs = 60_000

/** Who used how much; asked again once a minute while it is looked at. */
export function usageQuery({ by, range, who }: UsageSearch) {
  return queryOptions({
    queryKey: ['usage', { by, range, who }],
    queryFn: ({ signal }) => {
      const query = toUsageQuery(
        { ...(by && { by }), ...(range && { range }), ...(who && { who }) },
        readClock(),
      )
      return read(usage.$get({ query }, { init: { signal } }))
    },
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  })
}

/** Where a browser downloads the same as CSV. */
export function usageCsvPath(search: UsageSearch, now: number): string {
  return `${usage.$path()}?${new URLSearchParams({ ...toUsageQuery(search, now), format: 'csv' }).toString()}`
}
