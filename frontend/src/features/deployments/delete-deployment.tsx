import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Deployment } from '@hub/shared'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Notice } from '../../components/notice.tsx'
import { deleteDeployment } from '../../lib/api-client.ts'
import { describeError } from '../../lib/api-problem.ts'
import { rememberDeployment } from './queries.ts'

export function DeleteDeployment({ deployment }: { deployment: Deployment }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const deletion = useMutation({
    mutationFn: () => deleteDeployment(deployment),
    onSuccess: (deleting) => {
      close()
      rememberDeployment(client, deleting)
    },
  })
  const { name, namespace, instance } = deployment
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} />}
        onClick={() => {
          deletion.reset()
          open()
        }}
      >
        Delete
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Delete ${name}?`}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="md">
          <Text size="sm">
            <strong>{name}</strong> in {namespace} on {instance} stops answering, and its replicas
            and GPUs are freed. This cannot be undone.
          </Text>
          {deletion.isError && (
            <Notice tone="bad" role="alert" title="It was not deleted">
              {describeError(deletion.error)}
            </Notice>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button color="red.9" loading={deletion.isPending} onClick={() => deletion.mutate()}>
              Delete deployment
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
