import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { User } from '@hub/shared'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { disableUser, enableUser } from '../../lib/api/admin-client.ts'
import { effectiveAccessKey, peopleKey, sessionsOfQuery, tokensOfQuery } from './queries.ts'

/** Keeps a person out, or lets them in again. */
export function SetDisabled({ person: { disabledAt, displayName, id } }: { person: User }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const isDisabled = disabledAt !== null
  const setting = useMutation({
    mutationFn: () => (isDisabled ? enableUser(id) : disableUser(id)),
    onSuccess: () => {
      close()
      for (const queryKey of [
        peopleKey,
        effectiveAccessKey,
        sessionsOfQuery(id).queryKey,
        tokensOfQuery(id).queryKey,
      ]) {
        void client.invalidateQueries({ queryKey })
      }
    },
  })
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setting.reset()
          open()
        }}
      >
        {isDisabled ? 'Enable' : 'Disable'}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={isDisabled ? `Enable ${displayName}?` : `Disable ${displayName}?`}
        action={isDisabled ? 'Enable person' : 'Disable person'}
        isDestructive={!isDisabled}
        isPending={setting.isPending}
        error={setting.error}
        onConfirm={() => setting.mutate()}
      >
        {isDisabled
          ? 'They can sign in again and hold the roles they have now. Sessions and tokens that ended stay ended.'
          : 'They are signed out everywhere at once, their API tokens end for good, and no sign-in succeeds until somebody enables them. Their roles stay.'}
      </ConfirmDialog>
    </>
  )
}
