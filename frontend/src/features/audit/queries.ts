import type { AuditExportFormat, AuditFilter } from '@hub/shared'
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { api, read } from '../../lib/api/client.ts'
import { byCursor, pageQuery } from '../../lib/api/paging.ts'

const { audit } = api.admin
const pageSize = 50

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, ...pageQuery(pageSize, pageParam) }
      return read(audit.$get({ query }, { init: { signal } }))
    },
    ...byCursor,
    placeholderData: keepPreviousData,
  })
}

/** Where a browser downloads the audit log's rows that match. */
export function auditExportPath(filter: AuditFilter, format: AuditExportFormat): string {
  const given = Object.entries({ ...filter, format }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return `${audit.export.$path()}?${new URLSearchParams(given).toString()}`
}
