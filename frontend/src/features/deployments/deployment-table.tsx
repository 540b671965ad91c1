import type { Deployment } from '@hub/shared'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, type ReactNode } from 'react'
import { VirtualTable } from '../../components/virtual-table/virtual-table.tsx'
import { BulkActions } from './outcomes/bulk-actions.tsx'
import { CopyNames } from './copy-names.tsx'
import { listColumns, renderLinesWith } from './deployment-columns.tsx'
import { DeploymentPreview, OpenDeployment } from './deployment-preview.tsx'
import {
  readSort,
  sortDefault,
  withField,
  writeSort,
  type DeploymentFilter,
  type ListSearch,
} from './list-filter.ts'
import type { DeploymentPages } from './use-deployment-pages.ts'

export interface DeploymentTableProps {
  list: DeploymentPages
  /** What the rows are narrowed by. */
  filter: DeploymentFilter
  isWaiting: boolean
  /** The instance column; an instance's own page needs none. */
  withInstance: boolean
  names: ReadonlyMap<string, string>
  search: ListSearch
  onSearch: (search: ListSearch) => void
  onShown: (first: number, last: number) => void
  tools: ReactNode
}

export function DeploymentTable(props: DeploymentTableProps) {
  const { list, filter, isWaiting, withInstance, names, search, onSearch, onShown, tools } = props
  const navigate = useNavigate()
  const { partial } = list.summary
  const lost = partial.map(({ instance }) => instance).join(' ')
  const withOwners = list.owners.size > 0 || names.size > 0
  const facts = useMemo(
    () => ({ withInstance, withOwners, names, outdated: new Set(lost.split(' ')) }),
    [withInstance, withOwners, names, lost],
  )
  const columns = useMemo(() => listColumns(facts), [facts])
  const renderLines = useMemo(() => renderLinesWith(facts), [facts])
  const { sort: _, ...narrowed } = filter
  return (
    <VirtualTable
      id={withInstance ? 'deployments' : 'instance-deployments'}
      names={nouns}
      rows={list.rows}
      nameOf={nameOf}
      columns={columns}
      renderLines={renderLines}
      sort={readSort(filter.sort) ?? sortDefault}
      onSort={({ field, descending }) => {
        const next = readSort(field)
        if (!next) return
        const sort = writeSort({ ...next, descending })
        onSearch(withField(search, 'sort', sort === writeSort(sortDefault) ? null : sort))
      }}
      filter={JSON.stringify(narrowed)}
      isWaiting={isWaiting}
      onShown={onShown}
      onOpen={({ instance, name, namespace }) =>
        void navigate({
          to: '/instances/$instance/namespaces/$namespace/deployments/$name',
          params: { instance, namespace, name },
        })
      }
      renderPreview={(deployment) => ({
        title: deployment.name,
        content: (
          <DeploymentPreview
            deployment={deployment}
            isCurrent={!facts.outdated.has(deployment.instance)}
            names={names}
          />
        ),
        actions: <OpenDeployment deployment={deployment} />,
      })}
      renderActions={(selected) => (
        <>
          <BulkActions deployments={selected} />
          <CopyNames deployments={selected} />
        </>
      )}
      tools={tools}
    />
  )
}

const nouns = ['deployment', 'deployments'] as const

function nameOf({ name }: Deployment): string {
  return name
}
