import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { ProblemNotice } from './problem-notice.tsx'

export interface ConfirmDialogProps {
  opened: boolean
  onClose: () => void
  title: string
  /** What it means to go on. */
  children: ReactNode
  /** What the button does: "Remove the cluster". */
  action: string
  isDestructive?: boolean
  isPending: boolean
  error: unknown
  onConfirm: () => void
}

/** Asks once more before something that is not easily undone. */
export function ConfirmDialog({
  opened,
  onClose,
  title,
  children,
  action,
  isDestructive = false,
  isPending,
  error,
  onConfirm,
}: ConfirmDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <Stack gap="md">
        <Text component="div" size="sm">
          {children}
        </Text>
        {error !== null && (
          <ProblemNotice title="It did not work" error={error} onProved={onConfirm} />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            {...(isDestructive && { color: 'red.9' })}
            loading={isPending}
            onClick={onConfirm}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
