import type { FleetHistory } from '@hub/shared'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Chart } from '../../components/chart/chart.tsx'
import type { ChartData } from '../../components/chart/chart-data.ts'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Section } from '../../components/section.tsx'
import { historyQuery } from './queries.ts'
import classes from './usage-chart.module.css'

/** How many GPUs there were and were in use, as far back as the hub remembers. */
export function UsageChart() {
  const history = useQuery(historyQuery())
  return (
    <Section title="GPUs in use">
      <Loaded
        query={history}
        title="GPU usage could not be loaded"
        placeholder={<Skeleton height={180} aria-hidden />}
      >
        {(data) =>
          data.at.length < 2 ? (
            <p className={classes.none}>The hub counts once a minute and has only just started.</p>
          ) : (
            <>
              <Chart label="GPUs in use over time" data={toChart(data)} />
              {data.since !== null && (
                <p className={classes.since}>
                  Counted once a minute, for up to six hours; this hub started{' '}
                  <RelativeTime at={data.since} />.
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function toChart({ at, sum }: FleetHistory): ChartData {
  return {
    at: at.map((moment) => Date.parse(moment)),
    series: [
      { name: 'In use', color: 'var(--hub-tone-busy)', values: sum.used },
      { name: 'In all', color: 'var(--hub-tone-neutral)', values: sum.total },
    ],
  }
}
