import { Button, Skeleton, Stack } from '@mantine/core'
import { IconChartBar, IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { StateMessage } from '../../components/state-message.tsx'
import { useNow } from '../../components/relative-time.tsx'
import { usageCsvPath, usageQuery } from './queries.ts'
import { UsageFilters } from './usage-filters.tsx'
import type { UsageSearch } from './usage-search.ts'
import { UsageSums } from './usage-sums.tsx'
import { UsageTable } from './usage-table.tsx'
import { UsageTrend } from './usage-trend.tsx'

export interface UsagePageProps {
  search: UsageSearch
  onSearch: (search: UsageSearch) => void
  /** Whether everybody's may be seen. */
  administers: boolean
}

/** Who used which models, and how much. */
export function UsagePage({ search, onSearch, administers }: UsagePageProps) {
  usePageTitle('Usage')
  const usage = useQuery(usageQuery(search))
  const now = useNow()
  return (
    <>
      <PageHeader
        title="Usage"
        below="Requests and tokens of models, and the GPU hours of deployments"
        actions={
          <Button
            component="a"
            href={usageCsvPath(search, now)}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            Download CSV
          </Button>
        }
      />
      <UsageFilters search={search} onSearch={onSearch} administers={administers} />
      <Loaded
        query={usage}
        title="The usage could not be loaded"
        placeholder={
          <Stack gap="md" aria-hidden>
            <Skeleton height={64} />
            <Skeleton height={220} />
            <Skeleton height={160} />
          </Stack>
        }
      >
        {(data) =>
          data.items.length === 0 ? (
            <NothingUsed isAll={search.who === 'all'} />
          ) : (
            <Stack gap="lg">
              <UsageSums total={data.total} />
              <UsageTrend
                usage={data}
                measure={search.measure ?? 'requests'}
                onMeasure={(measure) => onSearch({ ...search, measure })}
              />
              <UsageTable usage={data} />
            </Stack>
          )
        }
      </Loaded>
    </>
  )
}

function NothingUsed({ isAll }: { isAll: boolean }) {
  return (
    <StateMessage icon={IconChartBar} title="Nothing was used in this time">
      {isAll
        ? 'Calls of models through the hub and GPUs that deployments hold are counted, and appear here within a minute.'
        : 'What you call through the hub and the GPUs that your deployments hold are counted, and appear here within a minute.'}
    </StateMessage>
  )
}
