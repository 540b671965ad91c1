import { Button, Group, Skeleton, Stack } from '@mantine/core'
import type { Deployment, DeploymentManifest } from '@hub/shared'
import type { Draft } from '../editor/draft.ts'
import { useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { Loaded } from '../../../components/loaded.tsx'
import { Notice } from '../../../components/notice.tsx'
import { describeError } from '../../../lib/api/problem.ts'
import { readManifest } from './queries.ts'
import classes from './diff-view.module.css'

const DiffView = lazyNamed(() => import('./diff-view.tsx'), 'DiffView')

export type ConflictChoice = 'mine' | 'theirs'

export interface ConflictViewProps {
  error: unknown
  deployment: Deployment
  /** What both began with. */
  base: Draft
  mine: Draft
  onChoose: (theirs: DeploymentManifest, choice: ConflictChoice) => void
}

/** Somebody else was faster: both sides, and the two ways on. */
export function ConflictView({ base, deployment, error, mine, onChoose }: ConflictViewProps) {
  const theirs = useQuery({
    queryKey: ['conflict', deployment.uid],
    queryFn: () => readManifest(deployment),
    gcTime: 0,
    staleTime: 0,
  })
  return (
    <Stack gap="md">
      <Notice tone="warning" title="Somebody else changed it meanwhile" role="alert">
        {describeError(error)}
      </Notice>
      <Loaded
        query={theirs}
        title="What they made of it could not be read"
        placeholder={<Skeleton height={200} aria-hidden />}
      >
        {(read) => (
          <>
            <Suspense fallback={<Skeleton height={200} aria-hidden />}>
              <div className={classes.sides}>
                <div>
                  <h3>What they changed</h3>
                  <DiffView label="What they changed" before={base} after={read.manifest} />
                </div>
                <div>
                  <h3>What you change</h3>
                  <DiffView label="What you change" before={base} after={mine} />
                </div>
              </div>
            </Suspense>
            <p className={classes.none}>
              Taking over yours keeps what they changed elsewhere; where both changed a field, yours
              counts. You see the result before it is applied.
            </p>
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={() => onChoose(read, 'theirs')} data-autofocus>
                Start again from theirs
              </Button>
              <Button onClick={() => onChoose(read, 'mine')}>Take over mine</Button>
            </Group>
          </>
        )}
      </Loaded>
    </Stack>
  )
}
