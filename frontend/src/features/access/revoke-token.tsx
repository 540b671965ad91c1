import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ApiToken } from '@hub/shared'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { revokeApiToken } from '../../lib/api-client.ts'
import { apiTokensQuery } from './queries.ts'

export function RevokeToken({ token: { id, name } }: { token: ApiToken }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const revoking = useMutation({
    mutationFn: () => revokeApiToken(id),
    onSuccess: () => {
      close()
      void client.invalidateQueries({ queryKey: apiTokensQuery().queryKey })
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Revoke ${name}`}
        onClick={() => {
          revoking.reset()
          open()
        }}
      >
        Revoke
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={`Revoke ${name}?`}
        action="Revoke token"
        isDestructive
        isPending={revoking.isPending}
        error={revoking.error}
        onConfirm={() => revoking.mutate()}
      >
        Whatever uses this token is refused from now on. It cannot be brought back.
      </ConfirmDialog>
    </>
  )
}
