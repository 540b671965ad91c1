import { Button } from '@mantine/core'
import { IconHistory, IconRefresh } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { NoMatch } from '../../components/no-match.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { PagedList } from '../../components/paged-list.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { formatDate } from '../../lib/time.ts'
import { AuditFilters } from './audit-filters.tsx'
import { AuditRow } from './audit-row.tsx'
import type { AuditSearch } from './audit-search.ts'
import { ExportMenu } from './export-menu.tsx'
import { auditQuery } from './queries.ts'
import classes from './audit.module.css'

export interface AuditPageProps {
  search: AuditSearch
  onSearch: (search: AuditSearch) => void
  instances: readonly string[]
}

/** Who did what, when, and what came of it. */
export function AuditPage({ search, onSearch, instances }: AuditPageProps) {
  usePageTitle('Audit')
  const { row, ...filter } = search
  const rows = useInfiniteQuery(auditQuery(filter))
  const isFiltered = Object.keys(filter).length > 0
  const searchedTo = rows.data?.pages.at(-1)?.searchedTo ?? null
  return (
    <>
      <PageHeader
        title="Audit"
        below="Every sign-in, change, refusal and export, newest first"
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} />}
              loading={rows.isRefetching}
              onClick={() => void rows.refetch()}
            >
              Refresh
            </Button>
            <ExportMenu filter={filter} />
          </>
        }
      />
      <AuditFilters filter={filter} instances={instances} onFilter={onSearch} />
      <PagedList
        list={rows}
        names={['row of the log', 'rows of the log']}
        progress={
          searchedTo === null ? undefined : `searched back to ${formatDate(new Date(searchedTo))}`
        }
        empty={<NoRows isFiltered={isFiltered} onClear={() => onSearch({})} />}
      >
        {(items) => (
          <div>
            <ul className={classes.rows} aria-label="Audit log">
              {items.map((event) => (
                <AuditRow
                  key={event.seq}
                  event={event}
                  isOpen={event.seq === row}
                  onToggle={() =>
                    onSearch(event.seq === row ? filter : { ...filter, row: event.seq })
                  }
                />
              ))}
            </ul>
          </div>
        )}
      </PagedList>
    </>
  )
}

function NoRows({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (!isFiltered) {
    return (
      <StateMessage icon={IconHistory} title="Nothing has happened yet">
        What people and programs do is recorded and appears here.
      </StateMessage>
    )
  }
  return <NoMatch onClear={onClear}>No row of the audit log matches these filters.</NoMatch>
}
