import { Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { DeploymentStatusFilter, type DeploymentList as DeploymentListData } from '@hub/shared'
import { IconFilterOff, IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Notice } from '../../components/notice.tsx'
import { OutdatedNotice } from '../../components/outdated-notice.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { DeploymentTable } from './deployment-table.tsx'
import {
  readSort,
  sortDefault,
  toFilter,
  writeSort,
  type ListSearch,
  type SortField,
} from './list-filter.ts'
import { deploymentsQuery } from './queries.ts'
import classes from './deployment-list.module.css'

export interface DeploymentListProps {
  /** Only this instance's deployments; without it the whole fleet's. */
  instance?: string
  /** Of the fleet: the instances to choose from. */
  instances?: readonly string[]
  /** What the page says already of why the instance cannot be read: it is not said twice. */
  knownReason?: string | null
  search: ListSearch
  onSearch: (search: ListSearch) => void
  /** What to do where there is nothing yet: a link to the deploy form. */
  emptyAction?: ReactNode
}

type Counts = DeploymentListData['counts']

const groupNames: Record<DeploymentStatusFilter, string> = {
  running: 'Running',
  starting: 'Starting',
  attention: 'Needs attention',
  deleting: 'Deleting',
}

export function DeploymentList(props: DeploymentListProps) {
  const { instance, search, onSearch, emptyAction } = props
  const deployments = useQuery(deploymentsQuery(toFilter(search, instance), search.pages ?? 1))
  const { q, status, instance: _, pages: __, ...unfiltered } = search
  const isFiltered = q !== undefined || status !== undefined || search.instance !== undefined
  const isEmpty = deployments.data !== undefined && sum(deployments.data.counts) === 0
  const clear = () => onSearch(unfiltered)
  return (
    <Stack gap="md">
      {deployments.data && deployments.data.partial.length > 0 && (
        <PartialNotice partial={deployments.data.partial} knownReason={props.knownReason ?? null} />
      )}
      {(isFiltered || !isEmpty) && <Filters {...props} counts={deployments.data?.counts} />}
      {deployments.isPending ? (
        <LoadingRows name="deployments" />
      ) : deployments.data === undefined ? (
        <Panel>
          <ProblemMessage
            error={deployments.error}
            title="The deployments could not be loaded"
            onRetry={() => void deployments.refetch()}
            actions={isFiltered && <ClearFilters onClick={clear} />}
          />
        </Panel>
      ) : (
        <>
          {deployments.isRefetchError && (
            <OutdatedNotice onRetry={() => void deployments.refetch()} />
          )}
          {isEmpty && !isFiltered ? (
            <Panel>
              <StateMessage
                icon={IconRocket}
                title={
                  deployments.data.partial.length > 0
                    ? 'No deployments to show'
                    : 'No deployments yet'
                }
                actions={emptyAction}
              >
                A deployment is a model that runs on an instance and answers requests. What you may
                see appears here by itself, whoever made it and however.
              </StateMessage>
            </Panel>
          ) : deployments.data.items.length === 0 ? (
            <Panel>
              <StateMessage
                icon={IconFilterOff}
                title="Nothing matches"
                actions={<ClearFilters onClick={clear} />}
              >
                No deployment that you may see matches these filters.
              </StateMessage>
            </Panel>
          ) : (
            <Rows {...props} list={deployments.data} isWaiting={deployments.isPlaceholderData} />
          )}
        </>
      )}
    </Stack>
  )
}

function Rows({
  instance,
  search,
  onSearch,
  list,
  isWaiting,
}: DeploymentListProps & { list: DeploymentListData; isWaiting: boolean }) {
  const sort = readSort(search.sort) ?? sortDefault
  const { pages = 1, sort: _, ...filter } = search

  const sortBy = (field: SortField) => {
    // The newest first, and everything else from A to Z.
    const descending = field === sort.field ? !sort.descending : field === 'createdAt'
    const next = writeSort({ field, descending })
    onSearch({ ...filter, ...(next !== writeSort(sortDefault) && { sort: next }) })
  }
  const counted =
    list.items.length < list.total
      ? `1 to ${list.items.length} of ${list.total} deployments`
      : `${list.total} ${list.total === 1 ? 'deployment' : 'deployments'}`

  return (
    <>
      <div className={classes.rows} data-waiting={isWaiting} aria-busy={isWaiting}>
        <Panel flush>
          <DeploymentTable
            deployments={list.items}
            outdated={new Set(list.partial.map(({ instance: id }) => id))}
            withInstance={instance === undefined}
            sort={sort}
            onSort={sortBy}
          />
        </Panel>
      </div>
      <Group justify="space-between" mih={36}>
        <Text size="sm" c="dimmed" aria-live="polite">
          {counted}
        </Text>
        {list.next !== null && (
          <Button
            variant="default"
            loading={isWaiting}
            onClick={() => onSearch({ ...search, pages: pages + 1 })}
          >
            Show more
          </Button>
        )}
      </Group>
    </>
  )
}

function Filters({
  instances,
  search,
  onSearch,
  counts,
}: DeploymentListProps & { counts: Counts | undefined }) {
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
  const options = DeploymentStatusFilter.options.filter(
    (name) => name === status || (counts?.[name] ?? 0) > 0,
  )
  return (
    <div className={classes.groups}>
      <SegmentedControl
        size="xs"
        aria-label="Status"
        value={status ?? 'all'}
        onChange={(value) => onChange(DeploymentStatusFilter.safeParse(value).data ?? null)}
        data={[
          { value: 'all', label: counts ? `All ${sum(counts)}` : 'All' },
          ...options.map((name) => ({
            value: name,
            label: counts ? `${groupNames[name]} ${counts[name]}` : groupNames[name],
          })),
        ]}
      />
    </div>
  )
}

function ClearFilters({ onClick }: { onClick: () => void }) {
  return (
    <Button variant="default" onClick={onClick}>
      Clear filters
    </Button>
  )
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function PartialNotice({
  partial,
  knownReason,
}: {
  partial: DeploymentListData['partial']
  knownReason: string | null
}) {
  const old = partial.filter(({ asOf }) => asOf !== undefined)
  const missing = partial.filter(({ asOf }) => asOf === undefined)
  return (
    <>
      {missing.length > 0 && (
        <Notice tone="warning" title="This list is incomplete">
          <Reasons
            partial={missing}
            knownReason={knownReason}
            known="The instance could not be read, for the reason above."
            words={`${countInstances(missing)} could not be read:`}
          />
        </Notice>
      )}
      {old.length > 0 && (
        <Notice tone="neutral" title="Some of this is as it was last known">
          <Reasons
            partial={old}
            knownReason={knownReason}
            known="The instance is not heard of, for the reason above."
            words={`${countInstances(old)} ${old.length === 1 ? 'is' : 'are'} not heard of:`}
          />
        </Notice>
      )}
    </>
  )
}

function Reasons({
  partial,
  knownReason,
  known,
  words,
}: {
  partial: DeploymentListData['partial']
  knownReason: string | null
  known: string
  words: string
}) {
  const [first] = partial
  if (partial.length === 1 && first?.reason === knownReason) {
    return (
      <p>
        {known} <AsOf at={first.asOf} />
      </p>
    )
  }
  return (
    <>
      <p>{words}</p>
      <ul>
        {partial.map(({ instance, reason, asOf }) => (
          <li key={instance}>
            <strong>{instance}</strong>: {reason} <AsOf at={asOf} />
          </li>
        ))}
      </ul>
    </>
  )
}

function AsOf({ at }: { at: string | undefined }) {
  if (at === undefined) return null
  return (
    <>
      Last heard <RelativeTime at={at} />.
    </>
  )
}

function countInstances({ length }: readonly unknown[]): string {
  return length === 1 ? 'One instance' : `${length} instances`
}
