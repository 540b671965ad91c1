import { Button, Modal, Select, Textarea } from '@mantine/core'
import { IconUserQuestion } from '@tabler/icons-react'
import { useState } from 'react'
import { DialogForm } from '../../components/dialog-form.tsx'
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
  const { opened, onOpen, onClose } = props
  return (
    <>
      <Button leftSection={<IconUserQuestion size={16} />} onClick={onOpen}>
        Ask for access
      </Button>
      <Modal opened={opened} onClose={onClose} title="Ask for access" size="lg">
        <AskForm {...props} />
      </Modal>
    </>
  )
}

function AskForm({ given, instances, onClose }: AskForAccessProps) {
  const [minutes, setMinutes] = useState(String(lengthDefault))
  const [reason, setReason] = useState('')
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
