import { Text, TextInput } from '@mantine/core'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { KeptDialog, useKept, type DialogState } from '../../../components/kept-dialog.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { readMaintenance } from './read-maintenance.ts'
import { closeInstanceMutation } from './queries.ts'

export interface MaintenanceDialogProps {
  instance: string
  dialog: DialogState
}

export function MaintenanceDialog({ dialog, instance }: MaintenanceDialogProps) {
  return (
    <KeptDialog dialog={dialog} title={`Close ${instance} for new deployments`}>
      <MaintenanceForm instance={instance} onDone={dialog.close} />
    </KeptDialog>
  )
}

function MaintenanceForm({ instance, onDone }: { instance: string; onDone: () => void }) {
  const [reason, setReason] = useKept('reason', '')
  const [until, setUntil] = useKept('until', '')
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: closeInstanceMutation(instance),
    onSent: onDone,
  })
  return (
    <DialogForm
      error={error}
      errorTitle="It was not closed"
      action="Close instance"
      isPending={isPending}
      onCancel={onDone}
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
  )
}
