import { Box, Grid, Group, Progress, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Facts } from '../../components/facts.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageHeader, usePageTitle } from '../../components/page-header.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink, TextLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import type { Tone } from '../../components/tone.ts'
import { Trail } from '../../components/trail.tsx'
import type { DeploymentCoordinates } from '../../lib/api/client.ts'
import { isProblem } from '../../lib/api/problem.ts'
import { ConditionList } from './condition-list.tsx'
import { DeleteDeployment } from './delete-deployment.tsx'
import { nameEngine } from './engine.ts'
import { describeGpus } from './gpus.ts'
import {
  countSurplus,
  describeLastPhase,
  describePhase,
  describeReplicas,
  explainPhase,
} from './phase.ts'
import { deploymentQuery, findDeployment } from './queries.ts'

/** Why what is shown is as it was last known, and since when. */
interface LastKnown {
  reason: string
  heardAt: string | null
}

export interface DeploymentPageProps {
  at: DeploymentCoordinates
  /** Null while the instance is heard of. */
  lastKnown: LastKnown | null
  /** What somebody may do who may not see it. */
  forbiddenAction: ReactNode
  /** And where it is not there, as far as they can tell. */
  missingAction: ReactNode
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
      <>
        <DeploymentTrail at={at} />
        <Panel>
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
        </Panel>
      </>
    )
  }
  if (deployment.data.gone) return <DeletedDeployment at={at} />
  return <LiveDeployment deployment={deployment.data.deployment} lastKnown={lastKnown} />
}

function LiveDeployment({
  deployment,
  lastKnown,
}: {
  deployment: Deployment
  lastKnown: LastKnown | null
}) {
  const { words, tone } = lastKnown ? describeLastPhase(deployment) : describePhase(deployment)
  return (
    <>
      <PageHeader
        above={<DeploymentTrail at={deployment} />}
        title={deployment.name}
        badge={
          <output aria-label={`Status of ${deployment.name}`}>
            <StatusBadge tone={tone} label={words} />
          </output>
        }
        below={deployment.model.id ?? 'Custom model'}
        actions={
          deployment.abilities.delete &&
          deployment.deletingSince === null && (
            <DeleteDeployment deployment={deployment} isAnswering={lastKnown === null} />
          )
        }
      />
      {lastKnown && (
        <Box mb="md">
          <LastKnownNotice lastKnown={lastKnown} instance={deployment.instance} />
        </Box>
      )}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="md">
            <StatusPanel deployment={deployment} tone={tone} />
            <Panel title="Conditions">
              <ConditionList conditions={deployment.conditions} />
            </Panel>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <FactsPanel deployment={deployment} />
        </Grid.Col>
      </Grid>
    </>
  )
}

function LastKnownNotice({ lastKnown, instance }: { lastKnown: LastKnown; instance: string }) {
  const { heardAt, reason } = lastKnown
  return (
    <Notice tone="warning" title="As it was last known">
      {reason} What is shown is as {instance} last told
      {heardAt !== null && (
        <>
          , <RelativeTime at={heardAt} />
        </>
      )}
      .
    </Notice>
  )
}

function StatusPanel({ deployment, tone }: { deployment: Deployment; tone: Tone }) {
  const { replicas, message, deletingSince } = deployment
  const explanation = explainPhase(deployment)
  const share =
    replicas.desired === 0
      ? Number(countSurplus(deployment) !== null)
      : Math.min(1, replicas.ready / replicas.desired)
  const readyWords = describeReplicas(deployment)
  return (
    <Panel title="Status">
      <Stack gap="sm">
        <div>
          <Group justify="space-between" mb={6} gap="xs">
            <Text size="sm">Replicas</Text>
            <Text size="sm" fw={500}>
              {readyWords}
            </Text>
          </Group>
          <Progress.Root size="md">
            <Progress.Section
              value={share * 100}
              color={`var(--hub-tone-${tone})`}
              aria-label="Replicas ready"
              aria-valuetext={readyWords}
            />
          </Progress.Root>
        </div>
        {deletingSince !== null && (
          <Text size="sm">
            Deletion began <RelativeTime at={deletingSince} />.
          </Text>
        )}
        {explanation !== null && (
          <Notice tone={tone === 'good' ? 'neutral' : tone}>{explanation}</Notice>
        )}
        {message !== null && message !== '' && (
          <div>
            <Text size="xs" c="dimmed">
              The cluster says
            </Text>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {message}
            </Text>
          </div>
        )}
      </Stack>
    </Panel>
  )
}

function FactsPanel({ deployment }: { deployment: Deployment }) {
  const { model, endpoint, instance } = deployment
  return (
    <Panel title="Details">
      <Facts
        items={[
          { term: 'Model', value: model.id ?? 'Custom model' },
          ...(model.servedName === null ? [] : [{ term: 'Served as', value: model.servedName }]),
          {
            term: 'Engine',
            value: deployment.engine === null ? 'Not chosen yet' : nameEngine(deployment.engine),
          },
          { term: 'Runtime', value: deployment.runtime ?? 'Not chosen yet' },
          ...(deployment.servingMode === null
            ? []
            : [{ term: 'Serving mode', value: deployment.servingMode }]),
          { term: 'GPUs', value: describeGpus(deployment) },
          {
            term: 'Instance',
            value: (
              <TextLink to="/instances/$instance" params={{ instance }}>
                {instance}
              </TextLink>
            ),
          },
          { term: 'Namespace', value: deployment.namespace },
          {
            term: 'Created',
            value: (
              <>
                <RelativeTime at={deployment.createdAt} />
                {deployment.createdBy !== null && ` by ${deployment.createdBy}`}
              </>
            ),
          },
          {
            term: 'Endpoint',
            value:
              endpoint === null
                ? 'None yet'
                : `${endpoint.service}:${endpoint.port}, within the cluster`,
          },
        ]}
      />
    </Panel>
  )
}

function DeletedDeployment({ at }: { at: DeploymentCoordinates }) {
  return (
    <>
      <DeploymentTrail at={at} />
      <Panel>
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
      </Panel>
    </>
  )
}

function BackLink({ at }: { at: DeploymentCoordinates }) {
  return (
    <ButtonLink variant="default" to="/instances/$instance" params={{ instance: at.instance }}>
      Back to {at.instance}
    </ButtonLink>
  )
}

function DeploymentTrail({ at }: { at: DeploymentCoordinates }) {
  return (
    <Trail>
      <TextLink to="/">Instances</TextLink>
      <TextLink to="/instances/$instance" params={{ instance: at.instance }}>
        {at.instance}
      </TextLink>
      <Text component="span" size="sm" c="dimmed">
        {at.namespace}
      </Text>
    </Trail>
  )
}

function LoadingDeployment({ at }: { at: DeploymentCoordinates }) {
  return (
    <>
      <VisuallyHidden component="output">Loading {at.name}</VisuallyHidden>
      <PageHeader above={<DeploymentTrail at={at} />} title={at.name} />
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
