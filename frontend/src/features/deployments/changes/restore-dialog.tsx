import { Button, Group, Modal, Skeleton, Stack } from '@mantine/core'
import type { Deployment, DeploymentRevision } from '@hub/shared'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { notify } from '../../../components/notify.ts'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { isProblem } from '../../../lib/api/problem.ts'
import { questionQuery } from '../editor/use-check.ts'
import { readManifest, restoreMutation, tryRestore } from './queries.ts'
import { WarningList } from './warning-list.tsx'

const DiffView = lazyNamed(() => import('./diff-view.tsx'), 'DiffView')

export interface RestoreDialogProps {
  deployment: Deployment
  revision: DeploymentRevision
  onClose: () => void
}

/** Back to what it was: what that changes of it as it is now, first. */
export function RestoreDialog({ deployment, onClose, revision }: RestoreDialogProps) {
  const { generation } = revision
  const tried = useQuery(
    questionQuery({
      key: ['restore', deployment.uid, generation],
      ask: async (signal) => {
        // What is restored is what was looked at: a change since then is a conflict.
        const { version } = await readManifest(deployment)
        return { version, change: await tryRestore(deployment, { generation, version }, signal) }
      },
    }),
  )
  const restore = useMutation({
    ...restoreMutation(deployment),
    onSuccess: () => {
      notify({
        title: 'Deployment changed',
        message: `${deployment.name} goes back to what it was at generation ${generation}.`,
      })
      onClose()
    },
  })
  const start = () => restore.mutate({ generation, version: tried.data?.version })
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={`Take ${deployment.name} back to generation ${generation}?`}
    >
      <Stack gap="md">
        {tried.isPending && <Skeleton height={200} aria-hidden />}
        {tried.data && (
          <>
            <WarningList warnings={tried.data.change.warnings} />
            <Suspense fallback={<Skeleton height={200} aria-hidden />}>
              <DiffView
                label="What changes"
                before={tried.data.change.before}
                after={tried.data.change.after}
              />
            </Suspense>
          </>
        )}
        {tried.error !== null && (
          <ProblemNotice title="It cannot go back to this" error={tried.error} />
        )}
        {restore.error !== null && (
          <ProblemNotice title="It was not changed" error={restore.error} onProved={start} />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          {isProblem(restore.error, 412) && (
            <Button
              variant="default"
              onClick={() => {
                restore.reset()
                void tried.refetch()
              }}
            >
              Look again
            </Button>
          )}
          <Button loading={restore.isPending} disabled={!tried.isSuccess} onClick={start}>
            Take it back
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
