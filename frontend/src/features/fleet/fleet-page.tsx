import { Skeleton, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ActivityList, type ActivityListProps } from './activity-list.tsx'
import { describeFleet } from './fleet-sentence.ts'
import { GpuMap, type GpuMapProps } from './gpu-map.tsx'
import { NeedsYou, type Need } from './needs-you.tsx'
import { fleetMapQuery } from './queries.ts'
import { UsageChart } from './usage-chart.tsx'
import classes from './fleet-page.module.css'

export interface FleetPageProps extends Omit<GpuMapProps, 'map'>, ActivityListProps {
  needs: readonly Need[]
  /** Where all of what needs somebody is. */
  moreNeeds: ReactNode
  actions: ReactNode
  /** Instead of a map, where there is no instance. */
  empty: ReactNode
}

/** Home: how the fleet does in a sentence, what needs somebody, and who holds the GPUs. */
export function FleetPage({
  needs,
  moreNeeds,
  actions,
  empty,
  renderTarget,
  ...rendering
}: FleetPageProps) {
  const map = useQuery(fleetMapQuery())
  return (
    <>
      <PageHeader
        title="Fleet"
        below={<output>{describeFleet(map.data?.totals, sumCounts(needs))}</output>}
        actions={actions}
      />
      <NeedsYou needs={needs} more={moreNeeds} />
      <Loaded
        query={map}
        title="The GPUs could not be loaded"
        placeholder={
          <>
            <VisuallyHidden component="output">Loading the GPUs</VisuallyHidden>
            <Skeleton height={240} aria-hidden />
          </>
        }
      >
        {(data) => (data.instances.length === 0 ? empty : <GpuMap map={data} {...rendering} />)}
      </Loaded>
      {/* How high the map is shows with it: what stands below would be moved. */}
      {!map.isPending && (
        <div className={classes.columns}>
          <UsageChart />
          <ActivityList renderTarget={renderTarget} />
        </div>
      )}
    </>
  )
}

function sumCounts(needs: readonly Need[]): number {
  return needs.reduce((sum, { count }) => sum + count, 0)
}
