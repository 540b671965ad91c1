import { Text } from '@mantine/core'
import { Chart } from '../../../components/chart/chart.tsx'
import type { ChartData } from '../../../components/chart/chart-data.ts'
import { Section } from '../../../components/section.tsx'
import { findLatest } from './metric-charts.ts'
import classes from './metrics.module.css'

/** One chart, with the latest values large above it. */
export function MetricCard({
  title,
  about,
  data,
}: {
  title: string
  about: string
  data: ChartData
}) {
  const { format = String, series } = data
  return (
    <Section title={title}>
      <dl className={classes.latest}>
        {series.map(({ name, values }) => {
          const value = findLatest(values)
          return (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value === null ? '–' : format(value)}</dd>
            </div>
          )
        })}
      </dl>
      <Chart label={`${title} over time`} data={data} height={150} />
      <Text c="dimmed" size="xs" mt={4}>
        {about}
      </Text>
    </Section>
  )
}
