import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { GroupMapping } from '@hub/shared'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { countPeople, describeRole } from '../../lib/access/words.ts'
import { deleteGroupMapping } from '../../lib/api/admin-client.ts'
import { groupMappingsQuery } from './queries.ts'

export function DeleteMapping({ mapping }: { mapping: GroupMapping }) {
  const [opened, { open, close }] = useDisclosure(false)
  const client = useQueryClient()
  const name = mapping.groupName ?? mapping.groupId
  const role = describeRole(mapping)
  const deleting = useMutation({
    mutationFn: () => deleteGroupMapping(mapping.id),
    onSuccess: () => {
      close()
      void client.invalidateQueries({ queryKey: groupMappingsQuery().queryKey })
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Delete ${role} for ${name}`}
        onClick={() => {
          deleting.reset()
          open()
        }}
      >
        Delete
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={close}
        title={`Delete the mapping of ${name}?`}
        action="Delete mapping"
        isDestructive
        isPending={deleting.isPending}
        error={deleting.error}
        onConfirm={() => deleting.mutate()}
      >
        {mapping.people === 0 ? (
          <>Nobody has a role by it now. Members of the group get nothing by it any more.</>
        ) : (
          <>
            {countPeople(mapping.people)} {mapping.people === 1 ? 'loses' : 'lose'}{' '}
            <strong>{role}</strong> at once, in pages that are open too. What other roles give them
            stays.
          </>
        )}
      </ConfirmDialog>
    </>
  )
}
