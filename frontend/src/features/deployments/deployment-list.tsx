import { Button, Group, Stack, Text } from '@mantine/core'
import type { DeploymentList as DeploymentListData } from '@hub/shared'
import { IconRocket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { NoMatch } from '../../components/no-match.tsx'
import { OutdatedNotice } from '../../components/outdated-notice.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
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
import { ListFilters, sumCounts, type ListFiltersProps } from './list-filters.tsx'
import { PartialNotice } from './partial-notice.tsx'
import { deploymentsQuery } from './queries.ts'
import classes from './deployment-list.module.css'

export interface DeploymentListProps extends ListFiltersProps {
  /** Only this instance's deployments; without it the whole fleet's. */
  instance?: string
  /** What the page says already of why the instance cannot be read: it is not said twice. */
  knownReason?: string | null
  /** What to do where there is nothing yet: a link to the deploy form. */
  emptyAction?: ReactNode
}

export function DeploymentList(props: DeploymentListProps) {
  const { instance, knownReason = null, search, onSearch } = props
  const deployments = useQuery(deploymentsQuery(toFilter(search, instance), search.pages ?? 1))
  const { data } = deployments
  const isFiltered = hasFilter(search)
  const isEmpty = data !== undefined && sumCounts(data.counts) === 0
  return (
    <Stack gap="md">
      {data && data.partial.length > 0 && (
        <PartialNotice partial={data.partial} knownReason={knownReason} />
      )}
      {(isFiltered || !isEmpty) && <ListFilters {...props} counts={data?.counts} />}
      {deployments.isPending ? (
        <LoadingRows name="deployments" />
      ) : data === undefined ? (
        <Panel>
          <ProblemMessage
            error={deployments.error}
            title="The deployments could not be loaded"
            onRetry={() => void deployments.refetch()}
            actions={
              isFiltered && (
                <Button variant="default" onClick={() => onSearch(withoutFilters(search))}>
                  Clear filters
                </Button>
              )
            }
          />
        </Panel>
      ) : (
        <>
          {deployments.isRefetchError && (
            <OutdatedNotice onRetry={() => void deployments.refetch()} />
          )}
          {(isEmpty && !isFiltered) || data.items.length === 0 ? (
            <Nothing {...props} isEmpty={isEmpty} isPartial={data.partial.length > 0} />
          ) : (
            <Rows {...props} list={data} isWaiting={deployments.isPlaceholderData} />
          )}
        </>
      )}
    </Stack>
  )
}

/** Instead of rows: nothing is there, or nothing of it matches. */
function Nothing({
  search,
  onSearch,
  emptyAction,
  isEmpty,
  isPartial,
}: DeploymentListProps & { isEmpty: boolean; isPartial: boolean }) {
  if (isEmpty && !hasFilter(search)) {
    return (
      <Panel>
        <StateMessage
          icon={IconRocket}
          title={isPartial ? 'No deployments to show' : 'No deployments yet'}
          actions={emptyAction}
        >
          A deployment is a model that runs on an instance and answers requests. What you may see
          appears here by itself, whoever made it and however.
        </StateMessage>
      </Panel>
    )
  }
  return (
    <Panel>
      <NoMatch onClear={() => onSearch(withoutFilters(search))}>
        No deployment that you may see matches these filters.
      </NoMatch>
    </Panel>
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

function withoutFilters({ q: _, status: __, instance: ___, pages: ____, ...rest }: ListSearch) {
  return rest
}

function hasFilter({ instance, q, status }: ListSearch): boolean {
  return q !== undefined || status !== undefined || instance !== undefined
}
