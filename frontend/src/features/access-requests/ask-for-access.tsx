import { Button, Select, Textarea } from '@mantine/core'
import { IconUserQuestion } from '@tabler/icons-react'
import { DialogForm } from '../../components/dialog-form.tsx'
import { KeptDialog, useKept, useKeptDialog } from '../../components/kept-dialog.tsx'
import { ScopeFields } from '../../components/scope-fields.tsx'
import { useScopeForm } from '../../components/use-scope-form.ts'
import type { ScopeValues } from '../../lib/access/scope-input.ts'
import { askForAccessMutation } from './queries.ts'
import { lengthChoices, lengthDefault } from './request-words.ts'

export interface AskForAccessProps {
  opened: boolean
  onOpen: () => void
  onClose: () => void
  /** What the form begins with. */
  given?: Partial<ScopeValues>
  /** The names to suggest: those the person sees. */
  instances: readonly string[]
}

/** The way to ask an administrator for a role. */
export function AskForAccess(props: AskForAccessProps) {
  const { given = {}, opened, onOpen, onClose } = props
  // What was written about one place is not for another that somebody is led to.
  const kept = useKeptDialog(`ask:${JSON.stringify(given)}`)
  const close = () => {
    kept.close()
    onClose()
  }
  return (
    <>
      <Button leftSection={<IconUserQuestion size={16} />} onClick={onOpen}>
        Ask for access
      </Button>
      <KeptDialog
        dialog={{ ...kept, opened: opened || kept.opened, close }}
        title="Ask for access"
        size="lg"
      >
        <AskForm {...props} onClose={close} />
      </KeptDialog>
    </>
  )
}

function AskForm({ given, instances, onClose }: AskForAccessProps) {
  const [minutes, setMinutes] = useKept('minutes', String(lengthDefault))
  const [reason, setReason] = useKept('reason', '')
  const { change, error, errors, isPending, scopeFields, submit } = useScopeForm({
    given,
    mutation: askForAccessMutation(),
    readRest: () =>
      reason.trim() === ''
        ? { errors: { reason: 'Say what it is for: the administrator who decides reads it.' } }
        : { input: { minutes: Number(minutes), reason: reason.trim() } },
    onSent: onClose,
  })
  return (
    <DialogForm
      error={error}
      errorTitle="The request was not sent"
      action="Ask"
      isPending={isPending}
      onSubmit={submit}
      onCancel={onClose}
    >
      <ScopeFields isFirst {...scopeFields} instances={instances} />
      <Select
        label="For how long"
        description="It ends on its own; the time starts when it is approved"
        allowDeselect={false}
        data={lengthChoices()}
        value={minutes}
        error={errors['minutes']}
        onChange={(value) => change(() => setMinutes(value ?? String(lengthDefault)))}
      />
      <Textarea
        label="Reason"
        description="An administrator reads this and decides"
        placeholder="Roll out the new embedding model for the search team"
        aria-required
        rows={3}
        maxLength={1000}
        value={reason}
        error={errors['reason']}
        onChange={({ currentTarget: { value } }) => change(() => setReason(value))}
      />
    </DialogForm>
  )
}
