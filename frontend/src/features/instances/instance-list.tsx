import { Skeleton, VisuallyHidden } from '@mantine/core'
import type { Instance } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { Facts } from '../../components/facts.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { describeNodes, summarizeRuntimes } from './capacity.ts'
import { describeInstanceState } from '../../components/instance-words.ts'
import { summarizeInstances } from './instance-state.ts'
import { NoInstances, type NoInstancesProps } from './no-instances.tsx'
import { InstanceStatusBadge } from './instance-status.tsx'
import { GpuSummary } from './gpu-summary.tsx'
import { instancesQuery } from './queries.ts'
import classes from './instance-list.module.css'

export function InstanceListPage({ isLocal, administers }: NoInstancesProps) {
  usePageTitle('Instances')
  const instances = useQuery(instancesQuery())
  const items = instances.data?.items ?? []
  return (
    <>
      <PageHeader
        title="Instances"
        below={
          <span aria-live="polite">
            {items.length > 0 ? summarizeInstances(items) : 'The clusters this hub looks after'}
          </span>
        }
      />
      {instances.isPending ? (
        <LoadingCards />
      ) : instances.data === undefined ? (
        <Panel>
          <ProblemMessage
            error={instances.error}
            title="The instances could not be loaded"
            onRetry={() => void instances.refetch()}
          />
        </Panel>
      ) : items.length === 0 ? (
        <NoInstances isLocal={isLocal} administers={administers} />
      ) : (
        <ul className={classes.grid}>
          {items.map((instance) => (
            <li key={instance.id}>
              <InstanceCard instance={instance} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function InstanceCard({ instance }: { instance: Instance }) {
  const { capacity, runtimes, warnings } = instance
  const { reason, lastSeenAt, since } = instance.status
  return (
    <article className={classes.card} data-tone={describeInstanceState(instance.status.state).tone}>
      <div className={classes.top}>
        <h2 className={classes.name}>
          <TextLink
            to="/instances/$instance"
            params={{ instance: instance.id }}
            className={classes.link}
            underline="never"
          >
            {instance.id}
          </TextLink>
        </h2>
        <InstanceStatusBadge instance={instance} />
      </div>
      <GpuSummary instance={instance} />
      <Facts
        items={[
          { term: 'Deployments', value: instance.deploymentCount },
          { term: 'Nodes', value: describeNodes(capacity.nodes) },
          { term: 'Runtimes', value: summarizeRuntimes(runtimes) },
          { term: 'Kubernetes', value: instance.kubernetesVersion ?? 'unknown' },
          {
            term: 'Last seen',
            value: lastSeenAt === null ? 'never' : <RelativeTime at={lastSeenAt} />,
          },
        ]}
      />
      {reason !== null && (
        <p className={classes.reason}>
          {reason}{' '}
          <span className={classes.since}>
            Since <RelativeTime at={since} />.
          </span>
        </p>
      )}
      {warnings.length > 0 && (
        <ul className={classes.warnings} aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>
              <ToneIcon tone="warning" size={16} />
              {warning}
            </li>
          ))}
        </ul>
      )}
    </article>
  )
}

function LoadingCards() {
  return (
    <>
      <VisuallyHidden component="output">Loading instances</VisuallyHidden>
      <div className={classes.grid} aria-hidden>
        {[1, 2, 3].map((card) => (
          <Skeleton key={card} height={240} radius="md" />
        ))}
      </div>
    </>
  )
}
