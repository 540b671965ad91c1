import { Modal, NumberInput } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { notify } from '../../../components/notify.ts'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { isProblem } from '../../../lib/api/problem.ts'
import type { ChangeKind } from './change-menu.tsx'
import { changeDeploymentMutation, simpleChangeMutation, type SimpleChange } from './queries.ts'

export interface ChangeDialogProps<Kind = ChangeKind> {
  kind: Kind
  deployment: Deployment
  onClose: () => void
}

/** Asks for what a change needs, and says what it means. */
export function ChangeDialog({ kind, ...props }: ChangeDialogProps) {
  return kind === 'scale' ? (
    <ScaleDialog {...props} />
  ) : (
    <SimpleChangeDialog kind={kind} {...props} />
  )
}

const words: Record<
  SimpleChange,
  { title: string; action: string; meaning: string; done: string }
> = {
  restart: {
    title: 'Restart',
    action: 'Restart deployment',
    meaning:
      'Its replicas are replaced by new ones. A single replica may not answer until its successor has loaded the model.',
    done: 'restarts',
  },
  pause: {
    title: 'Pause',
    action: 'Pause deployment',
    meaning:
      'Its controllers leave it alone: what runs keeps running, and changes take no effect until it is resumed. It keeps its GPUs.',
    done: 'is paused',
  },
  resume: {
    title: 'Resume',
    action: 'Resume deployment',
    meaning: 'Its controllers manage it again. Changes made in the meantime take effect now.',
    done: 'is resumed',
  },
}

function SimpleChangeDialog({ deployment, kind, onClose }: ChangeDialogProps<SimpleChange>) {
  const { action, done, meaning, title } = words[kind]
  const { instance, name, namespace } = deployment
  const change = useMutation({
    ...simpleChangeMutation(deployment, kind),
    onSuccess: () => {
      notify({ title: 'Done', message: `${name} ${done}.` })
      onClose()
    },
  })
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`${title} ${name}?`}
      action={action}
      isPending={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
    >
      <strong>{name}</strong> in {namespace} on {instance}. {meaning}
    </ConfirmDialog>
  )
}

function ScaleDialog({ deployment, onClose }: Omit<ChangeDialogProps, 'kind'>) {
  const { gpus, name, replicas: has } = deployment
  const [replicas, setReplicas] = useState<number | ''>(has.desired)
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: changeDeploymentMutation(deployment),
    placeErrors: (refused) =>
      isProblem(refused) && refused.errors[0]?.pointer === '/spec/scaling/replicas'
        ? { replicas: refused.errors[0].detail }
        : {},
    onSent: ({ warnings }) => {
      notify({
        title: 'Deployment scaled',
        message: [`${name} is on its way to ${replicas}.`, ...warnings].join(' '),
      })
      onClose()
    },
  })
  const isSent = replicas !== '' && replicas >= 1 && replicas <= 32
  return (
    <Modal opened onClose={onClose} title={`Scale ${name}`} centered>
      <DialogForm
        error={errors['replicas'] === undefined ? error : null}
        errorTitle="It was not scaled"
        action="Scale"
        isPending={isPending}
        onCancel={onClose}
        onSubmit={() =>
          send(
            isSent
              ? { input: { patch: { spec: { scaling: { replicas } } } } }
              : { errors: { replicas: 'must be 1 to 32. To give its GPUs back, delete it.' } },
          )
        }
      >
        <NumberInput
          label="Replicas"
          description={`${has.desired} now, on ${gpus.perReplica} ${gpus.perReplica === 1 ? 'GPU' : 'GPUs'} each`}
          min={1}
          max={32}
          allowDecimal={false}
          data-autofocus
          value={replicas}
          error={errors['replicas']}
          onChange={(value) => change(() => setReplicas(typeof value === 'number' ? value : ''))}
        />
      </DialogForm>
    </Modal>
  )
}
