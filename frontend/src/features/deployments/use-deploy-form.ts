import { useForm, type UseFormReturnType } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import type { Deployment } from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { keepDraft, readDraft, type DraftKey } from './deploy-draft.ts'
import {
  advancedFields,
  emptyDeployValues,
  placeProblem,
  readDeployValues,
  type DeployErrors,
  type DeployField,
  type DeployValues,
} from './deploy-values.ts'
import { createDeploymentMutation } from './queries.ts'

export type DeployFormValues = UseFormReturnType<DeployValues>

export interface DeployFormOptions {
  /** Whose the form is, and for which instance. */
  draftKey: DraftKey
  /** The namespaces where the person may deploy. */
  open: readonly string[]
  onDeployed: (deployment: Deployment) => void
}

/** The values of the form, which outlive its page as a draft, and the attempts to have them checked or deployed. */
export function useDeployForm({ draftKey, open, onDeployed }: DeployFormOptions) {
  const [draft] = useState(() => readDraft(draftKey))
  const [isAdvanced, { toggle: toggleAdvanced, open: openAdvanced }] = useDisclosure(
    draft !== null && advancedFields.some((field) => draft[field] !== ''),
  )
  const element = useRef<HTMLFormElement>(null)

  const attempt = useMutation({
    ...createDeploymentMutation(draftKey.instance),
    onSuccess: (deployment, { checkOnly }) => {
      if (checkOnly) return
      keepDraft(draftKey, null)
      onDeployed(deployment)
    },
    onError: (error) => showErrors(placeProblem(error)),
  })

  const form = useForm<DeployValues>({
    mode: 'controlled',
    initialValues: draft ?? {
      ...emptyDeployValues,
      namespace: open.length === 1 ? (open[0] ?? '') : '',
    },
    onValuesChange: (values) => {
      keepDraft(draftKey, values)
      // What the hub said was about other values.
      if (!attempt.isIdle && !attempt.isPending) attempt.reset()
    },
  })

  const showErrors = ({ fields }: DeployErrors) => {
    form.setErrors(fields)
    const invalid = (field: DeployField) => fields[field] !== undefined
    if (advancedFields.some(invalid)) openAdvanced()
    // Advanced fields can take the focus once they are unfolded.
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    )
  }

  const submit = (checkOnly: boolean) => {
    if (attempt.isPending) return
    attempt.reset()
    const { input, errors } = readDeployValues(form.values)
    if (errors) return showErrors(errors)
    form.clearErrors()
    attempt.mutate({ namespace: form.values.namespace.trim(), input, checkOnly })
  }

  return { form, element, attempt, submit, isAdvanced, toggleAdvanced }
}
