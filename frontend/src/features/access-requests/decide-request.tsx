import { Button, Select, Text, Textarea } from '@mantine/core'
import type { AccessRequestOfUser } from '@hub/shared'
import { DialogForm } from '../../components/dialog-form.tsx'
import { KeptDialog, useKept, useKeptDialog } from '../../components/kept-dialog.tsx'
import { useFieldForm } from '../../components/use-field-form.ts'
import { describeRole } from '../../lib/access/words.ts'
import { describeMinutes } from '../../lib/time.ts'
import { approveRequestMutation, refuseRequestMutation } from './queries.ts'
import { lengthChoices } from './request-words.ts'

interface DecisionProps {
  request: AccessRequestOfUser
}

export function ApproveRequest({ request }: DecisionProps) {
  const dialog = useKeptDialog(`approve:${request.id}`)
  const { displayName } = request.user
  return (
    <>
      <Button
        size="xs"
        aria-label={`Approve ${describeRole(request)} for ${displayName}`}
        onClick={dialog.open}
      >
        Approve
      </Button>
      <KeptDialog dialog={dialog} title={`Approve the request of ${displayName}?`}>
        <ApproveForm request={request} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

export function RefuseRequest({ request }: DecisionProps) {
  const dialog = useKeptDialog(`refuse:${request.id}`)
  const { displayName } = request.user
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Refuse ${describeRole(request)} for ${displayName}`}
        onClick={dialog.open}
      >
        Refuse
      </Button>
      <KeptDialog dialog={dialog} title={`Refuse the request of ${displayName}?`}>
        <RefuseForm request={request} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

function ApproveForm({ request, onDone }: DecisionProps & { onDone: () => void }) {
  const { id, minutes: asked, user } = request
  const [minutes, setMinutes] = useKept('minutes', String(asked))
  const [note, setNote] = useKept('note', '')
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: approveRequestMutation(id),
    onSent: onDone,
  })
  return (
    <DialogForm
      error={error}
      errorTitle="Not approved"
      action={`Approve for ${describeMinutes(Number(minutes))}`}
      isPending={isPending}
      onSubmit={() =>
        send({
          input: {
            ...(Number(minutes) !== asked && { minutes: Number(minutes) }),
            ...(note.trim() !== '' && { reason: note.trim() }),
          },
        })
      }
      onCancel={onDone}
    >
      <Text size="sm">
        {user.displayName} gets <strong>{describeRole(request)}</strong> at once, for{' '}
        {describeMinutes(Number(minutes))} from now on. It ends on its own.
      </Text>
      <Select
        label="For how long"
        description={`Asked for: ${describeMinutes(asked)}`}
        allowDeselect={false}
        data={lengthChoices(asked)}
        value={minutes}
        error={errors['minutes']}
        onChange={(value) => change(() => setMinutes(value ?? String(asked)))}
      />
      <Textarea
        label="Note"
        description={`${user.displayName} reads this; you can leave it empty`}
        rows={2}
        maxLength={1000}
        value={note}
        onChange={({ currentTarget: { value } }) => change(() => setNote(value))}
      />
    </DialogForm>
  )
}

function RefuseForm({ request, onDone }: DecisionProps & { onDone: () => void }) {
  const { id, user } = request
  const [reason, setReason] = useKept('reason', '')
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: refuseRequestMutation(id),
    onSent: onDone,
  })
  return (
    <DialogForm
      error={error}
      errorTitle="Not refused"
      action="Refuse"
      isDestructive
      isPending={isPending}
      onSubmit={() =>
        send(
          reason.trim() === ''
            ? { errors: { reason: 'Say why, so that they know what to do.' } }
            : { input: { reason: reason.trim() } },
        )
      }
      onCancel={onDone}
    >
      <Text size="sm">
        {user.displayName} asked for <strong>{describeRole(request)}</strong>, and may ask again.
      </Text>
      <Textarea
        label="Reason"
        description={`${user.displayName} reads it`}
        aria-required
        data-autofocus
        rows={3}
        maxLength={1000}
        value={reason}
        error={errors['reason']}
        onChange={({ currentTarget: { value } }) => change(() => setReason(value))}
      />
    </DialogForm>
  )
}
