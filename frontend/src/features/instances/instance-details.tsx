import { Skeleton, Stack } from '@mantine/core'
import type { Instance } from '@hub/shared'
import { Suspense } from 'react'
import { lazyNamed } from '../../components/lazy-named.ts'
import { ClusterPanel } from './cluster-panel.tsx'
import { GpuPanel } from './gpu-panel.tsx'
import { PreflightPanel } from './preflight-panel.tsx'
import { RuntimePanel } from './runtime-panel.tsx'
import classes from './instance-details.module.css'

const GovernancePanels = lazyNamed(
  () => import('./governance/governance-panels.tsx'),
  'GovernancePanels',
)

/** What there is to know about an instance besides its deployments. */
export function InstanceDetails({ instance }: { instance: Instance }) {
  return (
    <Stack gap="md">
      <div className={classes.details}>
        <GpuPanel capacity={instance.capacity} />
        <RuntimePanel runtimes={instance.runtimes} />
        <ClusterPanel instance={instance} />
      </div>
      <Suspense fallback={<Skeleton height={160} aria-hidden />}>
        <GovernancePanels instance={instance} />
      </Suspense>
      {instance.abilities.manage && <PreflightPanel instance={instance} />}
    </Stack>
  )
}
