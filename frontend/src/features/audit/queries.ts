import type { AuditFilter } from '@hub/shared'
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { fetchAudit } from '../../lib/api/admin-client.ts'

const pageSize = 50

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      fetchAudit(filter, { limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  })
}
