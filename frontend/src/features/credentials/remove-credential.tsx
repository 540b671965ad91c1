import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { deleteCredential } from '../../lib/api/client.ts'
import { credentialsQuery } from './queries.ts'

/** A dialog that is open stays where the directory turns read-only meanwhile, and says so when it is confirmed. */
export function RemoveCredential({ instance, offered }: { instance: string; offered: boolean }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const removal = useMutation({
    mutationFn: () => deleteCredential(instance),
    onSuccess: () => {
      close()
      void client.invalidateQueries({ queryKey: credentialsQuery().queryKey })
    },
  })
  return (
    <>
      {offered && (
        <Button
          variant="default"
          size="xs"
          aria-label={`Remove ${instance}`}
          onClick={() => {
            removal.reset()
            open()
          }}
        >
          Remove
        </Button>
      )}
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={`Remove ${instance}?`}
        action="Remove cluster"
        isDestructive
        isPending={removal.isPending}
        error={removal.error}
        onConfirm={() => removal.mutate()}
      >
        The hub forgets how to reach <strong>{instance}</strong>, and nobody sees it here any more.
        The cluster and what runs on it are left alone. The credential’s file is deleted.
      </ConfirmDialog>
    </>
  )
}
