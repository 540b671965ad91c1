import type { DeploymentMetrics } from '@hub/shared'
import { Button, SegmentedControl, Skeleton, Text } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Notice } from '../../../components/notice.tsx'
import { ProblemMessage } from '../../../components/problem-message.tsx'
import { RelativeTime } from '../../../components/relative-time.tsx'
import { StateMessage } from '../../../components/state-message.tsx'
import { nameEngine } from '../engine.ts'
import { metricsQuery, type DeploymentCoordinates, type MetricsRange } from '../queries.ts'
import { MetricCard } from './metric-card.tsx'
import { metricCharts, toChartData } from './metric-charts.ts'
import classes from './metrics.module.css'

const ranges: { value: MetricsRange; label: string }[] = [
  { value: '15m', label: '15 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '2h', label: '2 hours' },
]

/** How the model of a deployment is doing, while somebody looks. */
export function MetricsPanel({ at }: { at: DeploymentCoordinates }) {
  const [range, setRange] = useState<MetricsRange>('15m')
  const { data, error, isPending, isRefetchError, refetch } = useQuery(metricsQuery(at, range))
  if (isPending) return <Skeleton height={420} aria-hidden />
  if (data === undefined) {
    return (
      <ProblemMessage
        error={error}
        title="The metrics could not be loaded"
        onRetry={() => void refetch()}
      />
    )
  }
  if (data.series.length === 0) return <NoMetrics metrics={data} />
  return (
    <>
      <div className={classes.bar}>
        <Text size="sm" c="dimmed">
          <LatestReading metrics={data} />
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Range"
          data={ranges}
          value={range}
          onChange={(value) => setRange(value)}
        />
      </div>
      {isRefetchError ? (
        <Notice
          tone="warning"
          title="No newer readings"
          action={
            <Button variant="default" size="xs" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          The hub could not be asked.
        </Notice>
      ) : (
        data.reason !== null && (
          <Notice tone="warning" title="No newer readings">
            {data.reason}
          </Notice>
        )
      )}
      {data.note !== null && (
        <Text size="sm" mb="xs">
          {data.note}
        </Text>
      )}
      <div className={classes.grid}>
        {metricCharts
          .map((chart) => ({ ...chart, data: toChartData(chart, data) }))
          .filter((chart) => chart.data.series.length > 0)
          .map((chart) => (
            <MetricCard key={chart.title} {...chart} />
          ))}
      </div>
    </>
  )
}

function LatestReading({
  metrics: { at, engine, latestAt, since, source },
}: {
  metrics: DeploymentMetrics
}) {
  if (latestAt === null || since === null) return null
  if (source === 'prometheus') {
    return (
      <>
        From the Prometheus of its instance, latest <RelativeTime at={latestAt} />.
      </>
    )
  }
  return (
    <>
      {engine !== null && `Read from ${nameSpeaker(engine)}, `}
      latest <RelativeTime at={latestAt} />.{' '}
      {at.length < 2
        ? 'Rates come with the next reading.'
        : 'The hub reads every 15 seconds while somebody looks, and keeps two hours.'}
    </>
  )
}

/** Dynamo answers in front of an engine. */
function nameSpeaker(engine: string): string {
  return engine === 'dynamo' ? 'Dynamo' : nameEngine(engine)
}

function NoMetrics({ metrics: { reason } }: { metrics: DeploymentMetrics }) {
  return (
    <StateMessage icon={IconChartLine} title="No metrics yet">
      {reason ?? 'Its engine has not told anything yet.'} This page looks again by itself.
    </StateMessage>
  )
}
