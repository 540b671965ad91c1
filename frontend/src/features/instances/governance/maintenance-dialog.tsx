import { Modal, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { readMaintenance } from './read-maintenance.ts'
import { closeInstanceMutation } from './queries.ts'

export function MaintenanceDialog({
  instance,
  onClose,
}: {
  instance: string
  onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: closeInstanceMutation(instance),
    onSent: onClose,
  })
  return (
    <Modal opened onClose={onClose} title={`Close ${instance} for new deployments`}>
      <DialogForm
        error={error}
        errorTitle="It was not closed"
        action="Close instance"
        isPending={isPending}
        onCancel={onClose}
        onSubmit={() => send(readMaintenance(reason, until))}
      >
        <Text size="sm">
          Nobody deploys on {instance} until then. What is deployed there stays visible, and can be
          changed.
        </Text>
        <TextInput
          label="Reason"
          description="Everybody who would deploy there reads it"
          placeholder="The nodes get new drivers."
          maxLength={500}
          data-autofocus
          value={reason}
          error={errors['reason']}
          onChange={({ currentTarget: { value } }) => change(() => setReason(value))}
        />
        <TextInput
          type="datetime-local"
          label="Until"
          description="It opens by itself then"
          value={until}
          error={errors['until']}
          onChange={({ currentTarget: { value } }) => change(() => setUntil(value))}
        />
      </DialogForm>
    </Modal>
  )
}
