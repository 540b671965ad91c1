import { Checkbox, Modal, Text, Textarea } from '@mantine/core'
import type { InstancePolicy } from '@hub/shared'
import { useState } from 'react'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { DeployersMayFields } from './deployers-may-fields.tsx'
import { DirectModelsFields } from './direct-models-fields.tsx'
import { readLines } from './policy-words.ts'
import { savePolicyMutation } from './queries.ts'
import { placePolicyErrors, readDirectModels, writeDirectModels } from './read-direct-models.ts'

export interface PolicyDialogProps {
  instance: string
  policy: InstancePolicy
  onClose: () => void
}

export function PolicyDialog({ instance, onClose, policy }: PolicyDialogProps) {
  const [may, setMay] = useState(policy.deployersMay)
  const [registries, setRegistries] = useState((policy.imageRegistries ?? []).join('\n'))
  const [confirmAgents, setConfirmAgents] = useState(policy.confirmAgents)
  const [templatesOnly, setTemplatesOnly] = useState(policy.templatesOnly)
  const [forDeployers, setForDeployers] = useState(policy.modelUse === 'deployers')
  const [direct, setDirect] = useState(() => writeDirectModels(policy.directModels))
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: savePolicyMutation(instance),
    placeErrors: placePolicyErrors,
    onSent: onClose,
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
    <Modal opened onClose={onClose} title={`Policy of ${instance}`} size="lg">
      <DialogForm
        error={error}
        errorTitle="The policy was not changed"
        action="Save policy"
        isPending={isPending}
        onCancel={onClose}
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
    </Modal>
  )
}
