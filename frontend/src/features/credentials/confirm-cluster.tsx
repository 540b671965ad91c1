import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { confirmCluster } from '../../lib/api/client.ts'
import { credentialsQuery } from './queries.ts'

/** For a name behind which another cluster stands than before, or one that cannot be told from another; `reason` says which. */
export function ConfirmCluster({ instance, reason }: { instance: string; reason: string | null }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const confirmation = useMutation({
    mutationFn: () => confirmCluster(instance),
    onSuccess: () => {
      close()
      void client.invalidateQueries({ queryKey: credentialsQuery().queryKey })
    },
  })
  return (
    <>
      <Button
        size="xs"
        aria-label={`Confirm ${instance}`}
        onClick={() => {
          confirmation.reset()
          open()
        }}
      >
        Confirm
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={`Is this the right ${instance}?`}
        action="Confirm this cluster"
        isPending={confirmation.isPending}
        error={confirmation.error}
        onConfirm={() => confirmation.mutate()}
      >
        {reason ?? 'It leads to another cluster than before.'} Until you confirm, roles that people
        hold on {instance} do not count there. Once you do, everybody with such a role has it on
        this cluster. If you did not expect a new cluster, replace or remove the credential instead.
      </ConfirmDialog>
    </>
  )
}
