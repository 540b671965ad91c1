import { Skeleton } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { IconTrash } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { lazyNamed } from '../../components/lazy-named.ts'
import { deleteDeploymentMutation } from './queries.ts'

const DeletionExtent = lazyNamed(() => import('./changes/deletion-extent.tsx'), 'DeletionExtent')

export function DeleteDeployment({
  deployment,
  isAnswering,
}: {
  deployment: Deployment
  /** Only its cluster can delete it. */
  isAnswering: boolean
}) {
  // What the dialog was opened on: the page may show another one of the same name meanwhile.
  const [asked, setAsked] = useState(deployment)
  const { name, namespace, instance } = asked
  return (
    <ConfirmButton
      label="Delete"
      button={{
        size: 'sm',
        leftSection: <IconTrash size={16} />,
        disabled: !isAnswering,
        title: isAnswering ? undefined : 'The cluster must respond before this can be deleted.',
      }}
      onOpen={() => setAsked(deployment)}
      title={`Delete ${name}?`}
      action="Delete deployment"
      isDestructive
      mutation={deleteDeploymentMutation(asked)}
    >
      <strong>{name}</strong> in {namespace} on {instance} stops answering, and its replicas and
      GPUs are freed. This cannot be undone.
      <Suspense fallback={<Skeleton height={48} mt="sm" aria-hidden />}>
        <DeletionExtent deployment={asked} />
      </Suspense>
    </ConfirmButton>
  )
}
