import { Button, Group, Modal, Skeleton, Stack } from '@mantine/core'
import type { Deployment, DeploymentManifest } from '@hub/shared'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { notify } from '../../../components/notify.ts'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { isProblem } from '../../../lib/api/problem.ts'
import { questionQuery } from '../editor/use-check.ts'
import { ConflictView, type ConflictChoice } from './conflict-view.tsx'
import type { Edit } from './edit-draft.ts'
import { changeDeploymentMutation } from './queries.ts'
import { questionOfChange } from './question.ts'
import { RecreateView } from './recreate-view.tsx'
import { WarningList } from './warning-list.tsx'

const DiffView = lazyNamed(() => import('./diff-view.tsx'), 'DiffView')

export interface ReviewDialogProps {
  opened: boolean
  onClose: () => void
  deployment: Deployment
  base: DeploymentManifest
  edit: Edit
  onDone: () => void
  onRebase: (theirs: DeploymentManifest, choice: ConflictChoice) => void
}

/** What would be otherwise, before it is. */
export function ReviewDialog(props: ReviewDialogProps) {
  const { deployment, edit, onClose, onDone, opened } = props
  const isRecreated = edit.immutable.length > 0
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="xl"
      title={isRecreated ? `Recreate ${deployment.name}?` : `Change ${deployment.name}?`}
    >
      {isRecreated ? (
        <RecreateView
          deployment={deployment}
          before={props.base.manifest}
          after={edit.mine}
          onCancel={onClose}
          onDone={onDone}
        />
      ) : (
        <ReviewChange {...props} />
      )}
    </Modal>
  )
}

function ReviewChange({ base, deployment, edit, onClose, onDone, onRebase }: ReviewDialogProps) {
  const { version } = base
  const tried = useQuery(questionQuery(questionOfChange(deployment, version, edit.patch)))
  const change = useMutation({
    ...changeDeploymentMutation(deployment),
    onSuccess: ({ warnings }) => {
      notify({
        title: 'Deployment changed',
        message: [`${deployment.name} is on its way to what you asked for.`, ...warnings].join(' '),
      })
      onDone()
    },
  })
  const conflict = [change.error, tried.error].find((error) => isProblem(error, 412))
  if (conflict !== undefined) {
    return (
      <ConflictView
        error={conflict}
        deployment={deployment}
        base={base.manifest}
        mine={edit.mine}
        onChoose={(theirs, choice) => {
          change.reset()
          onRebase(theirs, choice)
        }}
      />
    )
  }
  const apply = () => {
    if (edit.patch !== null) change.mutate({ patch: edit.patch, version })
  }
  return (
    <Stack gap="md">
      {tried.isPending && <Skeleton height={200} aria-hidden />}
      {tried.data && (
        <>
          <WarningList warnings={tried.data.warnings} />
          <Suspense fallback={<Skeleton height={200} aria-hidden />}>
            <DiffView label="What changes" before={tried.data.before} after={tried.data.after} />
          </Suspense>
        </>
      )}
      {tried.error !== null && <ProblemNotice title="Not accepted" error={tried.error} />}
      {change.error !== null && (
        <ProblemNotice title="It was not changed" error={change.error} onProved={apply} />
      )}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose} data-autofocus>
          Back
        </Button>
        <Button loading={change.isPending} disabled={!tried.isSuccess} onClick={apply}>
          Apply changes
        </Button>
      </Group>
    </Stack>
  )
}
