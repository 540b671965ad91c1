import { SegmentedControl, Text } from '@mantine/core'
import type { Usage } from '@hub/shared'
import { Chart } from '../../components/chart/chart.tsx'
import { Section } from '../../components/section.tsx'
import { measures, type Measure } from './usage-search.ts'
import { measureLabels, measureWords, toChart } from './usage-words.ts'

export interface UsageTrendProps {
  usage: Usage
  measure: Measure
  onMeasure: (measure: Measure) => void
}

/** How it went over time, for those with most of it. */
export function UsageTrend({ usage, measure, onMeasure }: UsageTrendProps) {
  const data = toChart(usage, measure)
  const every = usage.every === 'hour' ? 'an hour' : 'a day'
  return (
    <Section
      title="Over time"
      actions={
        <SegmentedControl
          aria-label="What the chart shows"
          size="xs"
          data={measures.map((value) => ({ value, label: measureLabels[value] }))}
          value={measure}
          onChange={(value) => onMeasure(measures.find((known) => known === value) ?? 'requests')}
        />
      }
    >
      {data.series.length === 0 ? (
        <Text c="dimmed" size="sm">
          There were no {measureWords[measure]} in this time.
        </Text>
      ) : (
        <Chart label={`${measureLabels[measure]} ${every}`} data={data} height={220} />
      )}
    </Section>
  )
}
