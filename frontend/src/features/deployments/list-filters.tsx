import { SegmentedControl, Select } from '@mantine/core'
import { deploymentStatuses, type DeploymentList, type DeploymentStatusFilter } from '@hub/shared'
import { SearchField } from '../../components/search-field.tsx'
import type { ListSearch } from './list-filter.ts'
import classes from './deployment-list.module.css'

type Counts = DeploymentList['counts']

export interface ListFiltersProps {
  /** Of the fleet: the instances to choose from. */
  instances?: readonly string[]
  search: ListSearch
  onSearch: (search: ListSearch) => void
}

const groupNames: Record<DeploymentStatusFilter, string> = {
  running: 'Running',
  starting: 'Starting',
  attention: 'Needs attention',
  deleting: 'Deleting',
}

/** What narrows a list of deployments; each of it is in the address. */
export function ListFilters({
  instances,
  search,
  onSearch,
  counts,
}: ListFiltersProps & { counts: Counts | undefined }) {
  const { pages: _, ...fromFirstPage } = search
  return (
    <div className={classes.filters}>
      <SearchField
        label="Search deployments"
        placeholder="Name, model, namespace, engine…"
        text={search.q ?? ''}
        onChange={(q) => {
          const { q: __, ...rest } = fromFirstPage
          onSearch(q === '' ? rest : { ...rest, q })
        }}
      />
      {instances && (instances.length > 1 || search.instance !== undefined) && (
        <Select
          className={classes.instance}
          aria-label="Instance"
          placeholder="All instances"
          data={[...new Set([...instances, ...(search.instance ? [search.instance] : [])])]}
          value={search.instance ?? null}
          clearable
          clearButtonProps={{ 'aria-label': 'Show all instances' }}
          onChange={(at) => {
            const { instance: __, ...rest } = fromFirstPage
            onSearch(at === null ? rest : { ...rest, instance: at })
          }}
        />
      )}
      <StatusFilter
        counts={counts}
        status={search.status ?? null}
        onChange={(status) => {
          const { status: __, ...rest } = fromFirstPage
          onSearch(status === null ? rest : { ...rest, status })
        }}
      />
    </div>
  )
}

function StatusFilter({
  counts,
  status,
  onChange,
}: {
  counts: Counts | undefined
  status: DeploymentStatusFilter | null
  onChange: (status: DeploymentStatusFilter | null) => void
}) {
  const options = deploymentStatuses.filter((name) => name === status || (counts?.[name] ?? 0) > 0)
  return (
    <div className={classes.groups}>
      <SegmentedControl
        size="xs"
        aria-label="Status"
        value={status ?? 'all'}
        onChange={(value) => onChange(deploymentStatuses.find((name) => name === value) ?? null)}
        data={[
          { value: 'all', label: counts ? `All ${sumCounts(counts)}` : 'All' },
          ...options.map((name) => ({
            value: name,
            label: counts ? `${groupNames[name]} ${counts[name]}` : groupNames[name],
          })),
        ]}
      />
    </div>
  )
}

/** How many there are of any status. */
export function sumCounts(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
