import { Skeleton } from '@mantine/core'
import type { Instance } from '@hub/shared'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { InstanceMark } from '../../components/instance-mark.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink, TextLink } from '../../components/router-link.tsx'
import { isProblem } from '../../lib/api/problem.ts'
import { summarizeGpus } from './capacity.ts'
import { describeInstanceState } from '../../components/instance-words.ts'
import { InstanceStatusBadge } from './instance-status.tsx'
import { findInstance, instanceQuery } from './queries.ts'
import { WarningNotice } from './warning-notice.tsx'
import classes from './instance-header.module.css'

export interface InstanceHeaderProps {
  id: string
  renderActions: (instance: Instance) => ReactNode
  /** What somebody may do for whom there is no such instance. */
  missingAction: ReactNode
  children: (instance: Instance) => ReactNode
}

/** The head of an instance's page, and the page only where there is such an instance. */
export function InstanceHeader(props: InstanceHeaderProps) {
  const { id, renderActions, missingAction, children } = props
  usePageTitle(id)
  const client = useQueryClient()
  const instance = useQuery({ ...instanceQuery(id), initialData: () => findInstance(client, id) })
  if (instance.isPending) {
    return (
      <>
        <PageHeader title={id} mark={<InstanceMark id={id} size={28} />} />
        <Skeleton height={260} radius="md" aria-hidden />
      </>
    )
  }
  // An instance that was removed, or that this person lost, is not found although it was seen.
  if (instance.data === undefined || isProblem(instance.error, 403, 404)) {
    return (
      <ProblemMessage
        error={instance.error}
        title="The instance could not be loaded"
        order={1}
        onRetry={() => void instance.refetch()}
        actions={
          <>
            {isProblem(instance.error, 403, 404) && missingAction}
            <ButtonLink variant="default" to="/instances">
              Back to instances
            </ButtonLink>
          </>
        }
      />
    )
  }
  const { warnings } = instance.data
  return (
    <>
      <PageHeader
        title={id}
        mark={<InstanceMark id={id} size={28} />}
        badge={
          <span aria-live="polite">
            <InstanceStatusBadge instance={instance.data} />
          </span>
        }
        below={<InstanceFacts instance={instance.data} />}
        actions={renderActions(instance.data)}
      />
      <StateNotice instance={instance.data} />
      {warnings.length > 0 && (
        <div className={classes.reason}>
          <WarningNotice warnings={warnings} />
        </div>
      )}
      {children(instance.data)}
    </>
  )
}

function InstanceFacts({
  instance: { capacity, deploymentCount, heardAt, kubernetesVersion, status },
}: {
  instance: Instance
}) {
  const gpus = summarizeGpus(capacity)
  return (
    <span className={classes.facts}>
      <span>
        {deploymentCount} {deploymentCount === 1 ? 'deployment' : 'deployments'}
      </span>
      {gpus !== null && <span>{gpus}</span>}
      <span>Kubernetes {kubernetesVersion ?? 'version unknown'}</span>
      <span>
        {status.lastSeenAt === null ? (
          'Never seen'
        ) : (
          <>
            Last seen <RelativeTime at={status.lastSeenAt} />
          </>
        )}
      </span>
      {heardAt !== null && (
        <span>
          Last heard <RelativeTime at={heardAt} />
        </span>
      )}
    </span>
  )
}

/** Why the instance is not as it should be, if it is not. */
function StateNotice({ instance: { abilities, status } }: { instance: Instance }) {
  if (status.reason === null) return null
  return (
    <div className={classes.reason}>
      <Notice tone={describeInstanceState(status.state).tone}>
        {status.reason} Since <RelativeTime at={status.since} />.
        {abilities.manage && (
          <>
            {' '}
            <TextLink to="/instances" underlined>
              See the credential in Instances
            </TextLink>
          </>
        )}
      </Notice>
    </div>
  )
}
