import { Button, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { DialogForm } from '../../components/dialog-form.tsx'
import { KeptDialog, useEndKept, useKept, useKeptDialog } from '../../components/kept-dialog.tsx'
import { CreatedToken } from './created-token.tsx'
import { apiTokensQuery, createApiTokenMutation } from './queries.ts'
import { lifetimes } from './token-lifetimes.ts'

export interface ModelTokenProps {
  /** The model that it is made for; it calls all those of the instance that its owner may use. */
  model: string
  instance: string
}

/** Makes a token that calls models on one instance, and can do nothing else. */
export function ModelToken(props: ModelTokenProps) {
  const dialog = useKeptDialog(`model-token:${props.instance}/${props.model}`)
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconKey size={14} />} onClick={dialog.open}>
        Make a token for it
      </Button>
      <KeptDialog dialog={dialog} title="New token for models" size="lg">
        <ModelTokenForm {...props} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

function ModelTokenForm({ instance, model, onDone }: ModelTokenProps & { onDone: () => void }) {
  const client = useQueryClient()
  const creating = useMutation({ ...createApiTokenMutation(), onSuccess: useEndKept() })
  const [initialValues, onValuesChange] = useKept('values', { name: model, days: '30' })
  const form = useForm({
    initialValues,
    onValuesChange,
    validate: {
      name: (value) =>
        value.trim() === '' ? 'Say what it is for, so that you recognize it later.' : null,
    },
  })
  if (creating.data) {
    const done = () => {
      // It may have been used already.
      void client.invalidateQueries({ queryKey: apiTokensQuery().queryKey })
      onDone()
    }
    return <CreatedToken created={creating.data} onDone={done} />
  }
  return (
    <DialogForm
      error={creating.error}
      errorTitle="No token was created"
      action="Create token"
      isPending={creating.isPending}
      onSubmit={form.onSubmit(({ days, name }) => {
        if (creating.isPending) return
        creating.mutate({
          name,
          roleCeiling: 'deployer',
          isUseOnly: true,
          instanceIds: [instance],
          expiresInDays: Number(days),
        })
      })}
      onCancel={onDone}
    >
      <TextInput
        label="Name"
        description={`It calls models on ${instance} that you may use yourself, and can do nothing else.`}
        aria-required
        data-autofocus
        maxLength={100}
        {...form.getInputProps('name')}
      />
      <Select
        label="Expires after"
        allowDeselect={false}
        data={lifetimes.map((days) => ({ value: days, label: `${days} days` }))}
        {...form.getInputProps('days')}
      />
    </DialogForm>
  )
}
