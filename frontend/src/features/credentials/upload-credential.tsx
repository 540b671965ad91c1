import { Button, FileInput, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconUpload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { putCredential } from '../../lib/api/client.ts'
import {
  checkUpload,
  describeCredentialState,
  nameFromFile,
  placeUploadProblem,
  type CredentialErrors,
} from './credential-words.ts'
import { credentialsQuery } from './queries.ts'
import form from '../../components/form.module.css'
import classes from './upload-credential.module.css'

export interface UploadCredentialProps {
  /** Whose credential to replace; without, a cluster is added. */
  instance?: string
  /** Whether there is a way in; a form that is open stays, and with it what was typed. */
  offered: boolean
}

export function UploadCredential({ instance, offered }: UploadCredentialProps) {
  const [opened, { open, close }] = useDisclosure(false)
  return (
    <>
      {!offered ? null : instance === undefined ? (
        <Button leftSection={<IconUpload size={16} />} onClick={open}>
          Add a cluster
        </Button>
      ) : (
        <Button variant="default" size="xs" onClick={open} aria-label={`Replace ${instance}`}>
          Replace
        </Button>
      )}
      <Modal
        opened={opened}
        onClose={close}
        title={instance === undefined ? 'Add a cluster' : `Replace the credential of ${instance}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <UploadForm instance={instance} onDone={close} />
      </Modal>
    </>
  )
}

/** Lives only while the dialog is open, and with it what was pasted. */
function UploadForm({ instance, onDone }: { instance: string | undefined; onDone: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState(instance ?? '')
  const [kubeconfig, setKubeconfig] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const [errors, setErrors] = useState<CredentialErrors>({})
  const upload = useMutation({
    mutationFn: () => putCredential(name.trim(), { kubeconfig }),
    gcTime: 0,
    onError: (error) => setErrors(placeUploadProblem(error)),
    onSuccess: (credential) => {
      const { label } = describeCredentialState(credential)
      notifications.show({
        title: `${name.trim()}: ${label.toLowerCase()}`,
        message: credential.reason ?? 'The hub uses this credential now.',
        closeButtonProps: { 'aria-label': 'Dismiss' },
      })
      void client.invalidateQueries({ queryKey: credentialsQuery().queryKey })
      onDone()
    },
  })

  const change = (apply: () => void) => {
    apply()
    setErrors({})
    if (!upload.isPending) upload.reset()
  }
  const choose = async (chosen: File | null) => {
    setFile(chosen)
    if (!chosen) return
    const text = await chosen.text()
    change(() => {
      setKubeconfig(text)
      if (name === '') setName(nameFromFile(chosen.name))
    })
  }

  return (
    <form
      noValidate
      className={form.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (upload.isPending) return
        const wrong = checkUpload(name.trim(), kubeconfig)
        setErrors(wrong ?? {})
        if (!wrong) upload.mutate()
      }}
    >
      <Stack gap="md">
        {instance === undefined && (
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens; the instance is called so"
            placeholder="prod-east"
            aria-required
            spellCheck={false}
            autoCapitalize="off"
            data-autofocus
            value={name}
            error={errors.name}
            onChange={(event) => {
              const { value } = event.currentTarget
              change(() => setName(value))
            }}
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
          description="With an inline token or certificate. Programs it would run are refused."
          aria-required
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          rows={9}
          classNames={{ input: classes.kubeconfig }}
          value={kubeconfig}
          error={errors.kubeconfig}
          onChange={(event) => {
            const { value } = event.currentTarget
            change(() => setKubeconfig(value))
          }}
        />
        {upload.isError && <ProblemNotice title="Not accepted" error={upload.error} />}
        <Text size="xs" c="dimmed">
          The hub writes it into its credentials directory and never shows it again.
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={upload.isPending}>
            {instance === undefined ? 'Add cluster' : 'Replace credential'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
