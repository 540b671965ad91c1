import { Checkbox, Text, Textarea } from '@mantine/core'
import type { InstancePolicy } from '@hub/shared'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { KeptDialog, useKept, type DialogState } from '../../../components/kept-dialog.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { DeployersMayFields } from './deployers-may-fields.tsx'
import { DirectModelsFields } from './direct-models-fields.tsx'
import { readLines } from './policy-words.ts'
import { savePolicyMutation } from './queries.ts'
import { placePolicyErrors, readDirectModels, writeDirectModels } from './read-direct-models.ts'

export interface PolicyDialogProps {
  instance: string
  policy: InstancePolicy
  dialog: DialogState
}

export function PolicyDialog({ dialog, ...of }: PolicyDialogProps) {
  return (
    <KeptDialog dialog={dialog} title={`Policy of ${of.instance}`} size="lg">
      <PolicyForm {...of} onDone={dialog.close} />
    </KeptDialog>
  )
}

function PolicyForm({
  instance,
  onDone,
  policy,
}: Omit<PolicyDialogProps, 'dialog'> & { onDone: () => void }) {
  const [may, setMay] = useKept('may', policy.deployersMay)
  const [registries, setRegistries] = useKept(
    'registries',
    (policy.imageRegistries ?? []).join('\n'),
  )
  const [confirmAgents, setConfirmAgents] = useKept('confirmAgents', policy.confirmAgents)
  const [templatesOnly, setTemplatesOnly] = useKept('templatesOnly', policy.templatesOnly)
  const [forDeployers, setForDeployers] = useKept('forDeployers', policy.modelUse === 'deployers')
  const [direct, setDirect] = useKept('direct', writeDirectModels(policy.directModels))
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: savePolicyMutation(instance),
    placeErrors: placePolicyErrors,
    onSent: onDone,
  })
  const submit = () => {
    const directModels = readDirectModels(direct)
    if ('errors' in directModels) return send(directModels)
    return send({
      input: {
        deployersMay: may,
        imageRegistries: readLines(registries),
        templatesOnly,
        confirmAgents,
        modelUse: forDeployers ? 'deployers' : 'viewers',
        directModels: directModels.read,
      },
    })
  }
  return (
    <DialogForm
      error={error}
      errorTitle="The policy was not changed"
      action="Save policy"
      isPending={isPending}
      onCancel={onDone}
      onSubmit={submit}
    >
      <Text size="sm">
        It holds at once for what is created, changed and called on {instance}. What runs stays as
        it is.
      </Text>
      <DeployersMayFields value={may} onChange={(value) => change(() => setMay(value))} />
      <Textarea
        label="Registries that images may come from"
        description="One per line, with a path where only part of a registry is meant. Empty: any. It holds for administrators too."
        placeholder="registry.example.com/ml"
        autosize
        minRows={2}
        spellCheck={false}
        value={registries}
        error={errors['imageRegistries']}
        onChange={({ currentTarget: { value } }) => change(() => setRegistries(value))}
      />
      <Checkbox
        label="Templates only"
        description="Deployers can deploy only what a template allows"
        checked={templatesOnly}
        onChange={({ currentTarget: { checked } }) => change(() => setTemplatesOnly(checked))}
      />
      <Checkbox
        label="Agents ask a person before they destroy"
        description="Nothing that comes with a token deletes or recreates anything here until a person has said yes in the portal"
        checked={confirmAgents}
        onChange={({ currentTarget: { checked } }) => change(() => setConfirmAgents(checked))}
      />
      <Checkbox
        label="Models for deployers only"
        description="Viewers see what is deployed here and cannot call it, nor chat with it"
        checked={forDeployers}
        onChange={({ currentTarget: { checked } }) => change(() => setForDeployers(checked))}
      />
      <DirectModelsFields
        value={direct}
        errors={errors}
        onChange={(value) => change(() => setDirect(value))}
      />
    </DialogForm>
  )
}
