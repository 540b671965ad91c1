import { Button, Group, Skeleton, Stack } from '@mantine/core'
import { DeploymentSpec, type Deployment } from '@hub/shared'
import type { Draft } from '../editor/draft.ts'
import { useMutation } from '@tanstack/react-query'
import { Suspense } from 'react'
import { CodeBlock } from '../../../components/code-block.tsx'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { Notice } from '../../../components/notice.tsx'
import { notify } from '../../../components/notify.ts'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { recreateMutation } from './queries.ts'

const DiffView = lazyNamed(() => import('./diff-view.tsx'), 'DiffView')

export interface RecreateViewProps {
  deployment: Deployment
  before: Draft
  after: Draft
  onCancel: () => void
  onDone: () => void
}

/** What only a new deployment can have: it is deleted, and made anew under its name. */
export function RecreateView({ after, before, deployment, onCancel, onDone }: RecreateViewProps) {
  const recreate = useMutation({
    ...recreateMutation(deployment),
    onSuccess: ({ outcome }) => {
      if (outcome !== 'recreated') return
      notify({ title: 'Deployment recreated', message: `${deployment.name} is being deployed.` })
      onDone()
    },
  })
  const spec = DeploymentSpec.safeParse(after.spec)
  const start = () => {
    if (spec.success) recreate.mutate(spec.data)
  }
  return (
    <Stack gap="md">
      <Notice tone="warning" title="It stops answering until the new one runs">
        {deployment.name} in {deployment.namespace} on {deployment.instance} is deleted, and its
        replicas and GPUs are freed. Then it is created again as shown here. The cluster is asked
        first whether it would take it.
      </Notice>
      <Suspense fallback={<Skeleton height={200} aria-hidden />}>
        <DiffView label="What changes" before={before} after={after} />
      </Suspense>
      {!spec.success && (
        <Notice tone="bad" title="This hub does not know all of it" role="alert">
          {spec.error.issues[0]?.path.join('.')}: {spec.error.issues[0]?.message}. Recreate it with
          kubectl instead.
        </Notice>
      )}
      {recreate.error !== null && (
        <ProblemNotice title="It was not recreated" error={recreate.error} onProved={start} />
      )}
      {recreate.data?.problem && (
        <>
          <Notice
            tone="bad"
            title="It was deleted, and has not been created again yet"
            role="alert"
          >
            {recreate.data.problem.detail}
          </Notice>
          <CodeBlock
            text={recreate.data.manifest.yaml}
            label="The manifest to create it from"
            language="yaml"
          />
        </>
      )}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onCancel} data-autofocus>
          {recreate.data?.problem ? 'Close' : 'Back'}
        </Button>
        {!recreate.data?.problem && (
          <Button
            color="red.9"
            loading={recreate.isPending}
            disabled={!spec.success}
            onClick={start}
          >
            Delete and recreate
          </Button>
        )}
      </Group>
    </Stack>
  )
}
