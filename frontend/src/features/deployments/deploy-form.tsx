import {
  Autocomplete,
  Button,
  Collapse,
  Grid,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import type { Capacity, CreateDeploymentInput, Deployment, NamespaceList } from '@hub/shared'
import { IconChevronRight } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Notice } from '../../components/notice.tsx'
import { Panel } from '../../components/panel.tsx'
import { createDeployment } from '../../lib/api/client.ts'
import { describeFailure, isProblem } from '../../lib/api/problem.ts'
import { keepDraft, readDraft } from './deploy-draft.ts'
import {
  advancedFields,
  emptyDeployValues,
  placeProblem,
  readDeployValues,
  type DeployErrors,
  type DeployField,
  type DeployValues,
} from './deploy-values.ts'
import { deriveDeploymentName } from './deployment-name.ts'
import { engineNames } from './engine.ts'
import { describeMissingRoom } from './gpu-room.ts'
import classes from './deploy-form.module.css'

export interface DeployFormProps {
  /** The principal of who types. */
  person: string
  instance: string
  namespaces: NamespaceList
  capacity: Capacity
  onDeployed: (deployment: Deployment) => void
}

interface Attempt {
  namespace: string
  input: CreateDeploymentInput
  checkOnly: boolean
}

const engineOptions = [
  { value: 'auto', label: 'Choose for me' },
  ...Object.entries(engineNames).map(([value, label]) => ({ value, label })),
]
// A star for the eye that is no part of the label.
const required = { 'aria-required': true, labelProps: { 'data-required': true } }
const runtimeSuggestions = ['dynamo', 'kaito', 'kuberay', 'llmd', 'vllm']

export function DeployForm({
  person,
  instance,
  namespaces,
  capacity,
  onDeployed,
}: DeployFormProps) {
  const draftKey = { person, instance }
  const [draft] = useState(() => readDraft(draftKey))
  const open = namespaces.items.filter(({ abilities }) => abilities.deploy).map(({ name }) => name)
  const nameEdited = useRef(draft !== null && draft.name !== deriveDeploymentName(draft.modelId))
  const [advanced, { toggle: toggleAdvanced, open: openAdvanced }] = useDisclosure(
    draft !== null && advancedFields.some((field) => draft[field] !== ''),
  )
  const formElement = useRef<HTMLFormElement>(null)

  const attempt = useMutation({
    mutationFn: async ({ namespace, input, checkOnly }: Attempt) => {
      const at = { instance, namespace }
      const accepted = await createDeployment(at, input, { dryRun: true })
      return checkOnly ? accepted : await createDeployment(at, input, { dryRun: false })
    },
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
      formElement.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
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

  const pendingCheck = attempt.isPending && attempt.variables.checkOnly
  const pendingDeploy = attempt.isPending && !attempt.variables.checkOnly
  const missingRoom = describeMissingRoom(form.values, capacity)
  const checked = attempt.isSuccess && attempt.variables.checkOnly

  return (
    <form
      ref={formElement}
      noValidate
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        submit(false)
      }}
    >
      <Panel>
        <Stack gap="md">
          <TextInput
            label="Model"
            description="A model id on Hugging Face"
            placeholder="meta-llama/Llama-3.1-8B-Instruct"
            {...required}
            spellCheck={false}
            autoCapitalize="off"
            {...form.getInputProps('modelId')}
            onChange={(event) => {
              const modelId = event.currentTarget.value
              form.setFieldValue('modelId', modelId)
              if (!nameEdited.current) {
                form.setFieldValue('name', deriveDeploymentName(modelId))
                form.clearFieldError('name')
              }
            }}
          />
          <Grid gap="md">
            <Grid.Col span={{ base: 12, xs: 6 }}>
              <TextInput
                label="Name"
                description="Lower-case letters, digits and hyphens"
                {...required}
                spellCheck={false}
                autoCapitalize="off"
                {...form.getInputProps('name')}
                onChange={(event) => {
                  const name = event.currentTarget.value
                  nameEdited.current = name !== ''
                  form.setFieldValue('name', name)
                }}
              />
            </Grid.Col>
            <Grid.Col span={{ base: 12, xs: 6 }}>
              <NamespaceField
                names={open}
                complete={namespaces.complete}
                {...form.getInputProps('namespace')}
              />
            </Grid.Col>
            <Grid.Col span={{ base: 12, xs: 4 }}>
              <Select
                label="Engine"
                data={engineOptions}
                allowDeselect={false}
                {...form.getInputProps('engine')}
              />
            </Grid.Col>
            <Grid.Col span={{ base: 6, xs: 4 }}>
              <NumberInput
                label="Replicas"
                min={1}
                max={32}
                allowDecimal={false}
                {...form.getInputProps('replicas')}
              />
            </Grid.Col>
            <Grid.Col span={{ base: 6, xs: 4 }}>
              <NumberInput
                label="GPUs per replica"
                min={0}
                max={64}
                allowDecimal={false}
                {...form.getInputProps('gpuCount')}
              />
            </Grid.Col>
          </Grid>
          <output className={classes.room}>
            {missingRoom !== null && <Notice tone="warning">{missingRoom}</Notice>}
          </output>
          <div>
            <Button
              type="button"
              variant="subtle"
              size="compact-sm"
              className={classes.toggle}
              aria-expanded={advanced}
              aria-controls="deploy-advanced"
              leftSection={
                <IconChevronRight size={16} className={classes.chevron} data-open={advanced} />
              }
              onClick={toggleAdvanced}
            >
              Advanced
            </Button>
            <Collapse expanded={advanced} id="deploy-advanced">
              <Grid gap="md" pt="sm">
                <Grid.Col span={{ base: 12, xs: 6 }}>
                  <Autocomplete
                    label="Runtime"
                    description="Left empty, the instance chooses"
                    data={runtimeSuggestions}
                    {...form.getInputProps('runtime')}
                  />
                </Grid.Col>
                <Grid.Col span={{ base: 12, xs: 6 }}>
                  <TextInput
                    label="GPU type"
                    description="The resource to ask for"
                    placeholder="nvidia.com/gpu"
                    {...form.getInputProps('gpuType')}
                  />
                </Grid.Col>
                <Grid.Col span={{ base: 6 }}>
                  <TextInput
                    label="Memory"
                    description="Per replica"
                    placeholder="64Gi"
                    {...form.getInputProps('memory')}
                  />
                </Grid.Col>
                <Grid.Col span={{ base: 6 }}>
                  <TextInput
                    label="CPU"
                    description="Per replica"
                    placeholder="8"
                    {...form.getInputProps('cpu')}
                  />
                </Grid.Col>
                <Grid.Col span={{ base: 12, xs: 6 }}>
                  <NumberInput
                    label="Context length"
                    description="Tokens; empty for the model’s own"
                    min={1}
                    allowDecimal={false}
                    {...form.getInputProps('contextLength')}
                  />
                </Grid.Col>
                <Grid.Col span={{ base: 12, xs: 6 }}>
                  <TextInput
                    label="Served name"
                    description="What clients call the model"
                    {...form.getInputProps('servedName')}
                  />
                </Grid.Col>
              </Grid>
            </Collapse>
          </div>
          {attempt.isError && <AttemptError error={attempt.error} />}
          {checked && (
            <Notice tone="good" title="The cluster accepts this" role="alert">
              Nothing has been created yet. Deploy when you are ready.
            </Notice>
          )}
        </Stack>
      </Panel>
      <div className={classes.footer}>
        <Text size="sm" c="dimmed" className={classes.summary}>
          {summarize(form.values, instance)}
        </Text>
        <Group gap="sm" wrap="nowrap">
          <Button
            type="button"
            variant="default"
            loading={pendingCheck}
            disabled={pendingDeploy}
            onClick={() => submit(true)}
          >
            Check
          </Button>
          <Button type="submit" loading={pendingDeploy} disabled={pendingCheck}>
            Deploy
          </Button>
        </Group>
      </div>
    </form>
  )
}

function NamespaceField({
  names,
  complete,
  ...props
}: { names: string[]; complete: boolean } & ReturnType<
  ReturnType<typeof useForm<DeployValues>>['getInputProps']
>) {
  if (!complete) {
    return (
      <Autocomplete
        label="Namespace"
        description="Others than those listed may exist"
        {...required}
        data={names}
        {...props}
      />
    )
  }
  const { value, onChange, ...rest } = props
  return (
    <Select
      label="Namespace"
      description="Where you may deploy"
      placeholder="Choose one"
      {...required}
      searchable
      nothingFoundMessage="No such namespace"
      data={names}
      value={value === '' ? null : value}
      onChange={(name) => onChange(name ?? '')}
      {...rest}
    />
  )
}

function AttemptError({ error }: { error: unknown }) {
  const { fields, rest } = placeProblem(error)
  const placed = Object.keys(fields).length
  const { isUnknown, text: detail, title } = describeFailure(error, titleOf(error))
  return (
    <Notice tone={isUnknown ? 'warning' : 'bad'} role="alert" title={title}>
      {!Object.values(fields).includes(detail) && <p>{detail}</p>}
      {rest.length > 0 && (
        <ul>
          {rest.map(({ pointer, detail: what }) => (
            <li key={`${pointer} ${what}`}>
              <code>{pointer}</code> {what}
            </li>
          ))}
        </ul>
      )}
      {placed > 0 && (
        <p>{placed === 1 ? 'The field is marked above.' : 'The fields are marked above.'}</p>
      )}
      {isProblem(error) && error.status >= 500 && error.requestId && (
        <Text component="p" size="xs" c="dimmed">
          Reference {error.requestId}
        </Text>
      )}
    </Notice>
  )
}

function titleOf(error: unknown): string {
  return isProblem(error) && error.status < 500 ? 'Not accepted' : 'It did not work'
}

function summarize({ replicas, gpuCount, namespace }: DeployValues, instance: string): string {
  const count = replicas === '' ? 1 : replicas
  const where = namespace === '' ? instance : `${namespace} on ${instance}`
  const words = `${count} ${count === 1 ? 'replica' : 'replicas'} in ${where}`
  if (gpuCount === '') return words
  if (gpuCount === 0) return `${words}, without a GPU`
  const total = count * gpuCount
  return `${words}, ${total} ${total === 1 ? 'GPU' : 'GPUs'} in all`
}
