import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ApiToken } from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { describeEnd, roleLabels } from '../lib/access/words.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { RelativeTime, useNow } from './relative-time.tsx'
import rows from './rows.module.css'

export interface TokenRowProps {
  token: ApiToken
  revoke: () => Promise<void>
  onRevoked: () => void
}

/** An API token in a list, and the way to end it, which asks once more. */
export function TokenRow({ token, revoke, onRevoked }: TokenRowProps) {
  const [opened, { open, close }] = useDisclosure(false)
  const now = useNow()
  const { expiresAt, instanceIds, lastUsedAt, name, roleCeiling } = token
  const revoking = useMutation({
    mutationFn: revoke,
    onSuccess: () => {
      close()
      onRevoked()
    },
  })
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <span className={rows.strong}>{name}</span>
        <Text size="xs" c="dimmed">
          At most {roleLabels[roleCeiling].toLowerCase()}
          {instanceIds === null ? '' : ` on ${instanceIds.join(', ')}`} · ends{' '}
          {describeEnd(expiresAt, now)} ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              last used <RelativeTime at={lastUsedAt} />
            </>
          )}
        </Text>
      </div>
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
    </li>
  )
}
