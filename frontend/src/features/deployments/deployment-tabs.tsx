import type { Deployment } from '@hub/shared'
import { Grid, Skeleton, Stack } from '@mantine/core'
import { Suspense, type ReactNode } from 'react'
import { lazyNamed } from '../../components/lazy-named.ts'
import { LinkTab, LinkTabs } from '../../components/link-tabs.tsx'
import { Section } from '../../components/section.tsx'
import type { Tone } from '../../components/tone.ts'
import { ConditionList } from './condition-list.tsx'
import { deploymentTabs, type DeploymentTab } from './deployment-tab.ts'
import { Explanation } from './explanation-view.tsx'
import { CallPanel } from './call-panel.tsx'
import { FactsPanel } from './facts-panel.tsx'
import { StatusPanel } from './status-panel.tsx'
import { TimelinePanel } from './timeline-panel.tsx'

const PodsPanel = lazyNamed(() => import('./pods-panel.tsx'), 'PodsPanel')
const LogsPanel = lazyNamed(() => import('./logs/logs-panel.tsx'), 'LogsPanel')
const MetricsPanel = lazyNamed(() => import('./metrics/metrics-panel.tsx'), 'MetricsPanel')
const TryPanel = lazyNamed(() => import('./try/try-panel.tsx'), 'TryPanel')
const YamlPanel = lazyNamed(() => import('./yaml-panel.tsx'), 'YamlPanel')
const HistoryPanel = lazyNamed(() => import('./changes/history-panel.tsx'), 'HistoryPanel')
const RuntimeObjectsPanel = lazyNamed(
  () => import('./runtime-objects-panel.tsx'),
  'RuntimeObjectsPanel',
)
const EventsPanel = lazyNamed(() => import('./events-panel.tsx'), 'EventsPanel')

const labels: Record<DeploymentTab, string> = {
  overview: 'Overview',
  pods: 'Pods',
  logs: 'Logs',
  metrics: 'Metrics',
  try: 'Try',
  events: 'Events',
  yaml: 'YAML',
  history: 'History',
}

/** The parts of a deployment's page, with an address each. */
export function DeploymentTabs({
  tab,
  deployment,
  tone,
  isAnswering,
  tokenAction,
}: {
  tab: DeploymentTab
  deployment: Deployment
  tone: Tone
  /** Only its cluster tells what its runtime made. */
  isAnswering: boolean
  tokenAction: ReactNode
}) {
  const { instance, namespace, name } = deployment
  return (
    <>
      <LinkTabs label={`Of ${name}`}>
        {deploymentTabs.map((each) => (
          <LinkTab
            key={each}
            to="/instances/$instance/namespaces/$namespace/deployments/$name"
            params={{ instance, namespace, name }}
            search={each === 'overview' ? {} : { tab: each }}
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {labels[each]}
          </LinkTab>
        ))}
      </LinkTabs>
      <Suspense fallback={<Skeleton height={240} aria-hidden />}>
        {tab === 'overview' && (
          <Overview
            deployment={deployment}
            tone={tone}
            isAnswering={isAnswering}
            tokenAction={tokenAction}
          />
        )}
        {tab === 'pods' && <PodsPanel at={deployment} />}
        {tab === 'logs' && <LogsPanel key={deployment.uid} at={deployment} />}
        {tab === 'metrics' && <MetricsPanel key={deployment.uid} at={deployment} />}
        {tab === 'try' && <TryPanel key={deployment.uid} deployment={deployment} />}
        {tab === 'events' && <EventsPanel at={deployment} />}
        {tab === 'yaml' && <YamlPanel deployment={deployment} />}
        {tab === 'history' && <HistoryPanel key={deployment.uid} deployment={deployment} />}
      </Suspense>
    </>
  )
}

function Overview({
  deployment,
  tone,
  isAnswering,
  tokenAction,
}: {
  deployment: Deployment
  tone: Tone
  /** Only its cluster tells what its runtime made. */
  isAnswering: boolean
  tokenAction: ReactNode
}) {
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap={0}>
          <StatusPanel deployment={deployment} tone={tone}>
            <Explanation deployment={deployment} />
          </StatusPanel>
          <TimelinePanel deployment={deployment} />
          <Section title="Conditions">
            <ConditionList conditions={deployment.conditions} />
          </Section>
          {isAnswering && (
            <Section title="Made by its runtime">
              <Suspense fallback={<Skeleton height={112} aria-hidden />}>
                <RuntimeObjectsPanel at={deployment} />
              </Suspense>
            </Section>
          )}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <FactsPanel deployment={deployment} />
        {deployment.endpoint !== null && (
          <CallPanel deployment={deployment} tokenAction={tokenAction} />
        )}
      </Grid.Col>
    </Grid>
  )
}
