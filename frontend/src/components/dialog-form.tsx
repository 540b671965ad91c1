import { Button, Group, Stack } from '@mantine/core'
import { useRef, type FormEvent, type ReactNode } from 'react'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './dialog-form.module.css'

export interface DialogFormProps {
  children: ReactNode
  /** What the last attempt to send failed of; null where none did. */
  error: unknown
  /** Says that what was asked for did not happen. */
  errorTitle: string
  /** Said last, before the buttons. */
  note?: ReactNode
  /** Null where there is nothing to send: it is only looked at. */
  action: ReactNode | null
  isDestructive?: boolean
  isPending: boolean
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
  onCancel: () => void
}

/** The form of a dialog: its fields, what went wrong, and the two ways out. */
export function DialogForm({
  children,
  error,
  errorTitle,
  note,
  action,
  isDestructive = false,
  isPending,
  onSubmit,
  onCancel,
}: DialogFormProps) {
  const form = useRef<HTMLFormElement>(null)
  return (
    <form
      ref={form}
      noValidate
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (action !== null) onSubmit(event)
      }}
    >
      <Stack gap="md">
        {children}
        {error !== null && (
          <ProblemNotice
            title={errorTitle}
            error={error}
            onProved={() => form.current?.requestSubmit()}
          />
        )}
        {note}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            {action === null ? 'Close' : 'Cancel'}
          </Button>
          {action !== null && (
            <Button type="submit" {...(isDestructive && { color: 'red.9' })} loading={isPending}>
              {action}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}
