import { Button, Stack } from '@mantine/core'
import { IconBookmark, IconRocket } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { lazyNamed } from '../../components/lazy-named.ts'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { MenuButton } from '../../components/menu-button.tsx'
import { NoMatch } from '../../components/no-match.tsx'
import { OutdatedNotice } from '../../components/outdated-notice.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { useIsComing } from '../../components/use-is-coming.ts'
import { DeploymentTable } from './deployment-table.tsx'
import { hasFilter, toFilter, withoutFilters, type ListSearch } from './list-filter.ts'
import { ListFilters } from './list-filters.tsx'
import { PartialNotice } from './partial-notice.tsx'
import { sumCounts } from './status-filter.tsx'
import { useDeploymentPages } from './use-deployment-pages.ts'
import { useOwnerNames } from './use-owner-names.ts'
import classes from './deployment-list.module.css'

const loadViews = () => import('./views-menu.tsx')
const ViewsMenu = lazyNamed(loadViews, 'ViewsMenu')

export interface DeploymentListProps {
  /** Only this instance's deployments; without it the whole fleet's. */
  instance?: string
  /** Who looks at it, by principal. */
  person: string
  search: ListSearch
  onSearch: (search: ListSearch) => void
  /** What the page says already of why the instance cannot be read: it is not said twice. */
  knownReason?: string | null
  /** What to do where there is nothing yet: a link to the deploy form. */
  emptyAction?: ReactNode
}

export function DeploymentList(props: DeploymentListProps) {
  const { instance, person, search, onSearch, knownReason = null } = props
  const filter = toFilter(search, { instance, person })
  const pages = useDeploymentPages(filter)
  const names = useOwnerNames(pages.list?.owners ?? null)
  const { error, list, retry } = pages
  const isFiltered = hasFilter(search)
  const isEmpty = list !== null && sumCounts(list.summary.counts) === 0
  if (useIsComing(list === null && error === null)) return <div aria-busy />
  return (
    <Stack gap="sm">
      {list && <PartialNotice partial={list.summary.partial} knownReason={knownReason} />}
      {(isFiltered || !isEmpty) && (
        <ListFilters
          search={search}
          onSearch={onSearch}
          filter={filter}
          instance={instance}
          counts={list?.summary.counts}
          names={names}
        />
      )}
      {list !== null && error !== null && <OutdatedNotice onRetry={retry} />}
      {list === null ? (
        error === null ? (
          <LoadingRows name="deployments" />
        ) : (
          <ProblemMessage
            error={error}
            title="The deployments could not be loaded"
            onRetry={retry}
            actions={
              isFiltered && (
                <Button variant="default" onClick={() => onSearch(withoutFilters(search))}>
                  Clear filters
                </Button>
              )
            }
          />
        )
      ) : list.summary.total === 0 ? (
        <Nothing {...props} isEmpty={isEmpty} isPartial={list.summary.partial.length > 0} />
      ) : (
        <DeploymentTable
          list={list}
          filter={pages.filter}
          isWaiting={pages.isWaiting}
          withInstance={instance === undefined}
          names={names}
          search={search}
          onSearch={onSearch}
          onShown={pages.onShown}
          tools={<Views person={person} search={search} onSearch={onSearch} />}
        />
      )}
    </Stack>
  )
}

function Views(props: Pick<DeploymentListProps, 'person' | 'search' | 'onSearch'>) {
  return (
    <MenuButton
      label="Views"
      popup="dialog"
      button={
        <span className={classes.facet}>
          <IconBookmark size={16} aria-hidden />
          Views
        </span>
      }
      onIntent={() => void loadViews()}
    >
      {(menu) => <ViewsMenu {...menu} {...props} />}
    </MenuButton>
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
      <StateMessage
        icon={IconRocket}
        title={isPartial ? 'No deployments to show' : 'No deployments yet'}
        actions={emptyAction}
      >
        A deployment is a model that runs on an instance and answers requests. Every deployment you
        can see appears here, however it was created.
      </StateMessage>
    )
  }
  return (
    <NoMatch onClear={() => onSearch(withoutFilters(search))}>
      No deployment you can see matches these filters.
    </NoMatch>
  )
}
