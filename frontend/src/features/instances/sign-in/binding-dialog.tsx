import { Button, List, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import type { OidcBindingQuery } from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { CodeBlock } from '../../../components/code-block.tsx'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { KeptDialog, useKept, type DialogState } from '../../../components/kept-dialog.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { createBindingMutation, describeBindingMutation } from './queries.ts'

type Kind = 'user' | 'group'
const kinds: { value: Kind; label: string }[] = [
  { value: 'user', label: 'Person' },
  { value: 'group', label: 'Group' },
]

/** A role on the cluster for a person or a group: by the hub, or as commands for whoever administers the cluster. */
export function BindingDialog({ dialog, instance }: { dialog: DialogState; instance: string }) {
  return (
    <KeptDialog dialog={dialog} title={`A role on ${instance} itself`} size="lg">
      <BindingForm instance={instance} onDone={dialog.close} />
    </KeptDialog>
  )
}

function BindingForm({ instance, onDone }: { instance: string; onDone: () => void }) {
  const [kind, setKind] = useKept<Kind>('kind', 'user')
  const [who, setWho] = useKept('who', '')
  const [role, setRole] = useKept('role', 'view')
  const [namespace, setNamespace] = useKept('namespace', '')
  const describing = useMutation(describeBindingMutation(instance))
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: createBindingMutation(instance),
    onSent: onDone,
  })
  const typed = (apply: () => void) => {
    change(apply)
    describing.reset()
  }
  const binding: OidcBindingQuery = {
    [kind]: who.trim(),
    role: role.trim(),
    ...(namespace.trim() !== '' && { namespace: namespace.trim() }),
  }
  return (
    <DialogForm
      error={error}
      errorTitle="The role was not bound"
      action="Bind"
      isPending={isPending}
      onCancel={onDone}
      onSubmit={() => send({ input: binding })}
    >
      <SegmentedControl
        aria-label="Whom"
        data={kinds}
        value={kind}
        onChange={(value) => typed(() => setKind(value === 'group' ? 'group' : 'user'))}
      />
      <TextInput
        label={kind === 'user' ? 'Value of the username claim' : 'Name of the group'}
        description={
          kind === 'user'
            ? 'As the identity provider has it; the prefix comes by itself'
            : 'As the groups claim has it'
        }
        data-autofocus
        value={who}
        error={errors['user'] ?? errors['group']}
        onChange={({ currentTarget: { value } }) => typed(() => setWho(value))}
      />
      <TextInput
        label="ClusterRole"
        description="view, edit, or one that the hub's manifest for bindings names"
        value={role}
        error={errors['role']}
        onChange={({ currentTarget: { value } }) => typed(() => setRole(value))}
      />
      <TextInput
        label="Namespace"
        description="Empty for the whole cluster"
        value={namespace}
        error={errors['namespace']}
        onChange={({ currentTarget: { value } }) => typed(() => setNamespace(value))}
      />
      <Button
        variant="default"
        loading={describing.isPending}
        onClick={() => describing.mutate(binding)}
      >
        Show what it does
      </Button>
      {describing.error && <ProblemNotice error={describing.error} title="It cannot be shown" />}
      {describing.data && (
        <Stack gap="xs" aria-live="polite">
          <Text size="sm">
            The cluster calls them <code>{describing.data.subject}</code>. Whoever administers it
            can run the same:
          </Text>
          <CodeBlock text={describing.data.create} label="Command that binds" language="bash" />
          <List size="sm">
            {describing.data.notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        </Stack>
      )}
    </DialogForm>
  )
}
