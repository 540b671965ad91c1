import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { summarizeInstances } from './instance-state.ts'
import { InstanceTable, type InstanceCredentials } from './instance-table.tsx'
import { NoInstances, type NoInstancesProps } from './no-instances.tsx'
import { instancesQuery } from './queries.ts'

export interface InstanceListPageProps extends NoInstancesProps {
  /** Their credentials are still to come: whole columns, which would move what is there by then. */
  isPending: boolean
  /** Null for everybody but administrators. */
  credentials: InstanceCredentials | null
  /** Of the directory that they come from. */
  notices: ReactNode
  actions: ReactNode
}

/** The clusters this hub looks after, and for administrators how it reaches them. */
export function InstanceListPage(props: InstanceListPageProps) {
  const { isPending, credentials, notices, actions, ...who } = props
  usePageTitle('Instances')
  const instances = useQuery(instancesQuery())
  const items = instances.data?.items ?? []
  const isEmpty = items.length === 0 && (credentials?.others.length ?? 0) === 0
  return (
    <>
      <PageHeader
        title="Instances"
        below={
          <span aria-live="polite">
            {items.length > 0 ? summarizeInstances(items) : 'The clusters this hub looks after'}
          </span>
        }
        actions={actions}
      />
      <Stack gap="md">
        {notices}
        {instances.isPending || isPending ? (
          <LoadingRows />
        ) : instances.data === undefined ? (
          <ProblemMessage
            error={instances.error}
            title="The instances could not be loaded"
            onRetry={() => void instances.refetch()}
          />
        ) : isEmpty ? (
          <NoInstances {...who} />
        ) : (
          <InstanceTable instances={items} credentials={credentials} />
        )}
      </Stack>
    </>
  )
}

function LoadingRows() {
  return (
    <>
      <VisuallyHidden component="output">Loading instances</VisuallyHidden>
      <Stack gap="sm" aria-hidden>
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} height={72} />
        ))}
      </Stack>
    </>
  )
}
