import { Button, FileInput, Text, Textarea, TextInput } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { DialogForm } from '../../components/dialog-form.tsx'
import {
  KeptDialog,
  secretMissing,
  useKept,
  useKeptDialog,
  useKeptSecret,
} from '../../components/kept-dialog.tsx'
import { notify } from '../../components/notify.ts'
import { useFieldForm } from '../../components/use-field-form.ts'
import { checkUpload, nameFromFile, placeUploadProblem } from './check-upload.ts'
import { describeCredentialState } from './credential-words.ts'
import { putCredentialMutation } from './queries.ts'
import classes from './upload-credential.module.css'

export interface UploadCredentialProps {
  /** Whose credential to replace; without, a cluster is added. */
  instance?: string
  /** Whether there is a way in; a form that is open stays, and with it what was typed. */
  offered: boolean
}

export function UploadCredential({ instance, offered }: UploadCredentialProps) {
  const dialog = useKeptDialog(instance === undefined ? 'cluster' : `credential:${instance}`)
  return (
    <>
      {!offered ? null : instance === undefined ? (
        <Button leftSection={<IconUpload size={16} />} onClick={dialog.open}>
          Add a cluster
        </Button>
      ) : (
        <Button
          variant="default"
          size="xs"
          onClick={dialog.open}
          aria-label={`Replace ${instance}`}
        >
          Replace
        </Button>
      )}
      <KeptDialog
        dialog={dialog}
        title={instance === undefined ? 'Add a cluster' : `Replace the credential of ${instance}`}
        size="lg"
      >
        <UploadForm instance={instance} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

/** Lives only while the dialog is open, and with it what was pasted. */
function UploadForm({ instance, onDone }: { instance: string | undefined; onDone: () => void }) {
  const [name, setName] = useKept('name', instance ?? '')
  const kubeconfig = useKeptSecret('kubeconfig')
  const [file, setFile] = useState<File | null>(null)
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: putCredentialMutation(name.trim()),
    placeErrors: placeUploadProblem,
    onSent: (credential) => {
      const { label } = describeCredentialState(credential)
      notify({
        title: `${name.trim()}: ${label.toLowerCase()}`,
        message: credential.reason ?? 'The hub uses this credential now.',
      })
      onDone()
    },
  })

  const choose = async (chosen: File | null) => {
    setFile(chosen)
    if (!chosen) return
    const text = await chosen.text()
    change(() => {
      kubeconfig.change(text)
      if (name === '') setName(nameFromFile(chosen.name))
    })
  }

  return (
    <DialogForm
      error={error}
      errorTitle="Not accepted"
      note={
        <Text size="xs" c="dimmed">
          The hub writes it into its credentials directory and never shows it again.
        </Text>
      }
      action={instance === undefined ? 'Add cluster' : 'Replace credential'}
      isPending={isPending}
      onSubmit={() => {
        const wrong = checkUpload(name.trim(), kubeconfig.secret)
        send(wrong ? { errors: wrong } : { input: { kubeconfig: kubeconfig.secret } })
      }}
      onCancel={onDone}
    >
      {instance === undefined && (
        <TextInput
          label="Name"
          description="Lower-case letters, digits and hyphens; this becomes the instance’s name"
          placeholder="prod-east"
          aria-required
          spellCheck={false}
          autoCapitalize="off"
          data-autofocus
          value={name}
          error={errors['name']}
          onChange={({ currentTarget: { value } }) => change(() => setName(value))}
        />
      )}
      <FileInput
        label="Choose a kubeconfig file"
        placeholder="No file chosen"
        value={file}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the file' }}
        onChange={(chosen) => void choose(chosen)}
      />
      <Textarea
        label="Or paste the kubeconfig"
        description="With an inline token or certificate. A kubeconfig that runs programs is refused."
        aria-required
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        rows={9}
        classNames={{ input: classes.kubeconfig }}
        value={kubeconfig.secret}
        error={errors['kubeconfig'] ?? (kubeconfig.isMissing && secretMissing)}
        onChange={({ currentTarget: { value } }) => change(() => kubeconfig.change(value))}
      />
    </DialogForm>
  )
}
