import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Deployment } from '@hub/shared'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { deleteDeployment } from '../../lib/api/client.ts'
import { rememberDeployment } from './queries.ts'

export function DeleteDeployment({
  deployment,
  isAnswering,
}: {
  deployment: Deployment
  /** Only its cluster can delete it. */
  isAnswering: boolean
}) {
  const [opened, { open, close }] = useDisclosure(false)
  // What the dialog was opened on: the page may show another one of the same name meanwhile.
  const [asked, setAsked] = useState(deployment)
  const client = useQueryClient()
  const deletion = useMutation({
    mutationFn: () => deleteDeployment(asked),
    onSuccess: (deleting) => {
      close()
      rememberDeployment(client, deleting)
    },
  })
  const { name, namespace, instance } = asked
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} />}
        disabled={!isAnswering}
        title={isAnswering ? undefined : 'The cluster has to answer before this can be deleted.'}
        onClick={() => {
          deletion.reset()
          setAsked(deployment)
          open()
        }}
      >
        Delete
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={`Delete ${name}?`}
        action="Delete deployment"
        isDestructive
        isPending={deletion.isPending}
        error={deletion.error}
        onConfirm={() => deletion.mutate()}
      >
        <strong>{name}</strong> in {namespace} on {instance} stops answering, and its replicas and
        GPUs are freed. This cannot be undone.
      </ConfirmDialog>
    </>
  )
}
