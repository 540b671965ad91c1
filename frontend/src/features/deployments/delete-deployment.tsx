import type { Deployment } from '@hub/shared'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { deleteDeploymentMutation } from './queries.ts'

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
    </ConfirmButton>
  )
}
