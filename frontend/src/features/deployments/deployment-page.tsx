import { Box, Grid, Skeleton, VisuallyHidden } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Notice } from '../../components/notice.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { isProblem } from '../../lib/api/problem.ts'
import { ChangeActions } from './changes/change-actions.tsx'
import { DeleteDeployment } from './delete-deployment.tsx'
import type { DeploymentTab } from './deployment-tab.ts'
import { DeploymentTabs } from './deployment-tabs.tsx'
import { describeLastState, describeState } from './state-words.ts'
import { deploymentQuery, findDeployment, type DeploymentCoordinates } from './queries.ts'

/** Why what is shown is as it was last known, and since when. */
interface LastKnown {
  reason: string
  heardAt: string | null
}

export interface DeploymentPageProps {
  at: DeploymentCoordinates
  tab: DeploymentTab
  /** Null while the instance is heard of. */
  lastKnown: LastKnown | null
  /** What somebody may do who may not see it. */
  forbiddenAction: ReactNode
  /** And where it is not there, as far as they can tell. */
  missingAction: ReactNode
  /** Makes a token for its model. */
  tokenAction: ReactNode
}

export function DeploymentPage(props: DeploymentPageProps) {
  const { at, forbiddenAction, lastKnown, missingAction } = props
  usePageTitle(at.name)
  const client = useQueryClient()
  const deployment = useQuery({
    ...deploymentQuery(at),
    initialData: () => findDeployment(client, at),
  })
  if (deployment.isPending) return <LoadingDeployment at={at} />
  if (deployment.data === undefined) {
    return (
      <ProblemMessage
        error={deployment.error}
        title="The deployment could not be loaded"
        order={1}
        onRetry={() => void deployment.refetch()}
        actions={
          <>
            {isProblem(deployment.error, 403) && forbiddenAction}
            {isProblem(deployment.error, 404) && missingAction}
            <BackLink at={at} />
          </>
        }
      />
    )
  }
  if (deployment.data.gone) return <DeletedDeployment at={at} />
  return (
    <LiveDeployment
      deployment={deployment.data.deployment}
      lastKnown={lastKnown}
      tab={props.tab}
      tokenAction={props.tokenAction}
    />
  )
}

function LiveDeployment({
  deployment,
  lastKnown,
  tab,
  tokenAction,
}: {
  deployment: Deployment
  lastKnown: LastKnown | null
  tab: DeploymentTab
  tokenAction: ReactNode
}) {
  const { words, tone } = lastKnown ? describeLastState(deployment) : describeState(deployment)
  return (
    <>
      <PageHeader
        title={deployment.name}
        badge={
          <output aria-label={`Status of ${deployment.name}`}>
            <StatusBadge tone={tone} label={words} />
          </output>
        }
        below={deployment.model.id ?? 'Custom model'}
        actions={
          deployment.deletingSince === null && (
            <>
              {deployment.abilities.update && (
                <ChangeActions deployment={deployment} isAnswering={lastKnown === null} />
              )}
              {deployment.abilities.delete && (
                <DeleteDeployment deployment={deployment} isAnswering={lastKnown === null} />
              )}
            </>
          )
        }
      />
      {lastKnown && (
        <Box mb="md">
          <LastKnownNotice lastKnown={lastKnown} instance={deployment.instance} />
        </Box>
      )}
      <DeploymentTabs
        tab={tab}
        deployment={deployment}
        tone={tone}
        isAnswering={lastKnown === null}
        tokenAction={tokenAction}
      />
    </>
  )
}

function LastKnownNotice({ lastKnown, instance }: { lastKnown: LastKnown; instance: string }) {
  const { heardAt, reason } = lastKnown
  return (
    <Notice tone="warning" title="Last known state">
      {reason} You see the last state that {instance} reported
      {heardAt !== null && (
        <>
          , <RelativeTime at={heardAt} />
        </>
      )}
      .
    </Notice>
  )
}

function DeletedDeployment({ at }: { at: DeploymentCoordinates }) {
  return (
    <StateMessage
      icon={IconTrash}
      title={`${at.name} was deleted`}
      order={1}
      actions={<BackLink at={at} />}
    >
      <output>
        It no longer exists in {at.namespace} on {at.instance}.
      </output>
    </StateMessage>
  )
}

function BackLink({ at }: { at: DeploymentCoordinates }) {
  return (
    <ButtonLink variant="default" to="/instances/$instance" params={{ instance: at.instance }}>
      Back to {at.instance}
    </ButtonLink>
  )
}

function LoadingDeployment({ at }: { at: DeploymentCoordinates }) {
  return (
    <>
      <VisuallyHidden component="output">Loading {at.name}</VisuallyHidden>
      <PageHeader title={at.name} />
      <Grid gap="md" aria-hidden>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Skeleton height={140} radius="md" mb="md" />
          <Skeleton height={260} radius="md" />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Skeleton height={320} radius="md" />
        </Grid.Col>
      </Grid>
    </>
  )
}
