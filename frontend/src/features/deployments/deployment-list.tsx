import {
  Button,
  CloseButton,
  Group,
  Pagination,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core'
import type { DeploymentList as DeploymentListData } from '@hub/shared'
import { IconFilterOff, IconRocket, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Notice } from '../../components/notice.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import {
  arrangeDeployments,
  countByGroup,
  filterByText,
  isPhaseGroup,
  type SortKey,
} from './arrange.ts'
import { DeploymentTable } from './deployment-table.tsx'
import { phaseGroups, type PhaseGroup } from './phase.ts'
import { deploymentsQuery } from './queries.ts'
import classes from './deployment-list.module.css'

/** What the address says about a list; everything at its default is left out of it. */
export interface ListSearch {
  q?: string
  status?: PhaseGroup
  sort?: SortKey
  desc?: true
  page?: number
}

export interface DeploymentListProps {
  /** Only this instance's deployments; without it the whole fleet's. */
  instance?: string
  search: ListSearch
  onSearch: (search: ListSearch) => void
  /** What to do where there is nothing yet: a link to the deploy form. */
  emptyAction?: ReactNode
}

const pageSize = 100
const groupNames: Record<PhaseGroup, string> = {
  running: 'Running',
  starting: 'Starting',
  failed: 'Failed',
  deleting: 'Deleting',
}

export function DeploymentList({ instance, search, onSearch, emptyAction }: DeploymentListProps) {
  const deployments = useQuery(deploymentsQuery(instance))
  if (deployments.isPending) return <LoadingRows />
  if (deployments.data === undefined) {
    return (
      <Panel>
        <ProblemMessage
          error={deployments.error}
          title="The deployments could not be loaded"
          onRetry={() => void deployments.refetch()}
        />
      </Panel>
    )
  }
  const { items, partial } = deployments.data
  return (
    <Stack gap="md">
      {partial.length > 0 && <PartialNotice partial={partial} />}
      {items.length === 0 ? (
        <Panel>
          <StateMessage
            icon={IconRocket}
            title={partial.length > 0 ? 'No deployments to show' : 'No deployments yet'}
            actions={emptyAction}
          >
            A deployment is a model that runs on an instance and answers requests. What you may see
            appears here by itself, whoever made it and however.
          </StateMessage>
        </Panel>
      ) : (
        <FilledList
          items={items}
          withInstance={instance === undefined}
          search={search}
          onSearch={onSearch}
        />
      )}
    </Stack>
  )
}

function FilledList({
  items,
  withInstance,
  search,
  onSearch,
}: {
  items: DeploymentListData['items']
  withInstance: boolean
  search: ListSearch
  onSearch: (search: ListSearch) => void
}) {
  const text = search.q ?? ''
  const group = search.status ?? null
  const sort = search.sort ?? 'name'
  const descending = search.desc ?? false
  const shown = arrangeDeployments(items, { text, group, sort, descending })
  const pages = Math.max(1, Math.ceil(shown.length / pageSize))
  const page = Math.min(search.page ?? 1, pages)
  const { page: _, ...fromFirstPage } = search

  const sortBy = (key: SortKey) => {
    const { sort: __, desc: ___, ...rest } = fromFirstPage
    const next = key === sort ? !descending : key === 'created'
    onSearch({
      ...rest,
      ...(key !== 'name' && { sort: key }),
      ...(next && { desc: true as const }),
    })
  }
  const withoutFilters = () => {
    const { q: __, status: ___, ...rest } = fromFirstPage
    onSearch(rest)
  }

  return (
    <>
      <Group gap="sm" justify="space-between" className={classes.filters}>
        <TextFilter
          text={text}
          onChange={(q) => {
            const { q: __, ...rest } = fromFirstPage
            onSearch(q === '' ? rest : { ...rest, q })
          }}
        />
        <GroupFilter
          items={filterByText(items, text)}
          group={group}
          onChange={(status) => {
            const { status: __, ...rest } = fromFirstPage
            onSearch(status === null ? rest : { ...rest, status })
          }}
        />
      </Group>
      <VisuallyHidden aria-live="polite">
        {shown.length === items.length
          ? `${items.length} deployments`
          : `${shown.length} of ${items.length} deployments`}
      </VisuallyHidden>
      {shown.length === 0 ? (
        <Panel>
          <StateMessage
            icon={IconFilterOff}
            title="Nothing matches"
            actions={
              <Button variant="default" onClick={withoutFilters}>
                Clear filters
              </Button>
            }
          >
            None of the {items.length} deployments matches these filters.
          </StateMessage>
        </Panel>
      ) : (
        <Panel flush>
          <DeploymentTable
            deployments={shown.slice((page - 1) * pageSize, page * pageSize)}
            withInstance={withInstance}
            sort={sort}
            descending={descending}
            onSort={sortBy}
          />
        </Panel>
      )}
      {pages > 1 && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {(page - 1) * pageSize + 1} to {Math.min(page * pageSize, shown.length)} of{' '}
            {shown.length}
          </Text>
          <Pagination
            total={pages}
            value={page}
            onChange={(next) => onSearch({ ...fromFirstPage, ...(next > 1 && { page: next }) })}
            getControlProps={(control) => ({
              'aria-label': control === 'next' ? 'Next page' : 'Previous page',
            })}
            getItemProps={(item) => ({ 'aria-label': `Page ${item}` })}
          />
        </Group>
      )}
    </>
  )
}

/** While it has the focus the field is ahead of the address, which follows; otherwise it shows what the address says. */
function TextFilter({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null)
  const value = typed ?? text
  return (
    <TextInput
      className={classes.text}
      type="search"
      aria-label="Filter deployments"
      placeholder="Name, model, namespace, engine…"
      leftSection={<IconSearch size={16} />}
      value={value}
      onFocus={() => setTyped(text)}
      onBlur={() => setTyped(null)}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        onChange(event.currentTarget.value)
      }}
      rightSection={
        value !== '' && (
          <CloseButton
            size="sm"
            aria-label="Clear filter"
            onClick={() => {
              setTyped(null)
              onChange('')
            }}
          />
        )
      }
    />
  )
}

function GroupFilter({
  items,
  group,
  onChange,
}: {
  items: DeploymentListData['items']
  group: PhaseGroup | null
  onChange: (group: PhaseGroup | null) => void
}) {
  const counts = countByGroup(items)
  const options = phaseGroups.filter((name) => name === group || counts[name] > 0)
  return (
    <div className={classes.groups}>
      <SegmentedControl
        size="xs"
        aria-label="Status"
        value={group ?? 'all'}
        onChange={(value) => onChange(isPhaseGroup(value) ? value : null)}
        data={[
          { value: 'all', label: `All ${items.length}` },
          ...options.map((name) => ({ value: name, label: `${groupNames[name]} ${counts[name]}` })),
        ]}
      />
    </div>
  )
}

function PartialNotice({ partial }: { partial: DeploymentListData['partial'] }) {
  return (
    <Notice tone="warning" title="This list is incomplete">
      <p>
        {partial.length === 1 ? 'One instance' : `${partial.length} instances`} could not be read:
      </p>
      <ul>
        {partial.map(({ instance, reason }) => (
          <li key={instance}>
            <strong>{instance}</strong>: {reason}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function LoadingRows() {
  return (
    <Panel>
      <VisuallyHidden component="output">Loading deployments</VisuallyHidden>
      <Stack gap="sm" aria-hidden>
        {[1, 2, 3, 4, 5].map((row) => (
          <Skeleton key={row} height={36} />
        ))}
      </Stack>
    </Panel>
  )
}
