import { Button, type ButtonProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, type UseMutationOptions } from '@tanstack/react-query'
import { ConfirmDialog, type ConfirmDialogProps } from './confirm-dialog.tsx'

export interface ConfirmButtonProps<Answer> extends Pick<
  ConfirmDialogProps,
  'title' | 'children' | 'action' | 'isDestructive'
> {
  /** The button on the page. */
  label: string
  /** What it is called where the label alone does not say. */
  ariaLabel?: string
  button?: ButtonProps & { title?: string | undefined }
  /** Whether there is a button; a dialog that is open stays all the same. */
  offered?: boolean
  /** What it does, once confirmed. */
  mutation: Omit<UseMutationOptions<Answer>, 'onSuccess'>
  onOpen?: () => void
  onDone?: (answer: Answer) => void
}

/** A button for what is not easily undone: its dialog asks once more. */
export function ConfirmButton<Answer>({
  label,
  ariaLabel,
  button,
  offered = true,
  mutation,
  onOpen,
  onDone,
  ...dialog
}: ConfirmButtonProps<Answer>) {
  const [opened, { open, close }] = useDisclosure(false)
  const change = useMutation({
    ...mutation,
    onSuccess: (answer) => {
      close()
      onDone?.(answer)
    },
  })
  return (
    <>
      {offered && (
        <Button
          variant="default"
          size="xs"
          {...(ariaLabel !== undefined && { 'aria-label': ariaLabel })}
          {...button}
          onClick={() => {
            change.reset()
            onOpen?.()
            open()
          }}
        >
          {label}
        </Button>
      )}
      <ConfirmDialog
        {...dialog}
        opened={opened}
        onClose={close}
        isPending={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate()}
      />
    </>
  )
}
