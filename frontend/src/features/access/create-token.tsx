import {
  Button,
  Checkbox,
  NumberInput,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  TextInput,
  type NumberInputProps,
} from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { Role, type Me } from '@hub/shared'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { DialogForm } from '../../components/dialog-form.tsx'
import { KeptDialog, useEndKept, useKept, useKeptDialog } from '../../components/kept-dialog.tsx'
import { splitNames } from '../../lib/access/scope-input.ts'
import { roleLabels, roleMeanings } from '../../lib/access/words.ts'
import { CreatedToken } from './created-token.tsx'
import { apiTokensQuery, createApiTokenMutation } from './queries.ts'
import { lifetimes } from './token-lifetimes.ts'

/** Who may what is decided by people. */
const rolesOfAgents: readonly Role[] = ['viewer', 'deployer']

interface TokenValues {
  name: string
  roleCeiling: Role
  isUseOnly: boolean
  instanceIds: string[]
  /** In place of some. */
  everyInstance: boolean
  days: string
  /** Empty for any number. */
  callsPerDay: number | string
  gpus: number | string
}

const emptyToken: TokenValues = {
  name: '',
  roleCeiling: 'viewer',
  isUseOnly: false,
  instanceIds: [],
  everyInstance: false,
  days: '30',
  callsPerDay: '',
  gpus: '',
}

export interface CreateTokenProps {
  me: Me
  /** The names of those the person sees. */
  instances: readonly string[]
  /** For an agent: no more than deployments need, and never for models alone. */
  isForAgent?: boolean
}

export function CreateToken({ isForAgent = false, ...props }: CreateTokenProps) {
  const dialog = useKeptDialog(isForAgent ? 'agent-token' : 'token')
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
        {isForAgent ? 'Make a token' : 'New token'}
      </Button>
      <KeptDialog
        dialog={dialog}
        title={isForAgent ? 'New token for an agent' : 'New API token'}
        size="lg"
      >
        <TokenForm {...props} isForAgent={isForAgent} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

/** Lives only while the dialog is open, and with it the secret. */
function TokenForm({
  me,
  instances,
  isForAgent = false,
  onDone,
}: CreateTokenProps & { onDone: () => void }) {
  const client = useQueryClient()
  const [initialValues, onValuesChange] = useKept('values', emptyToken)
  const form = useForm<TokenValues>({
    initialValues,
    onValuesChange,
    validate: {
      name: (value) =>
        value.trim() === '' ? 'Say what it is for, so that you recognize it later.' : null,
      instanceIds: (value, { everyInstance }) =>
        value.length === 0 && !everyInstance
          ? 'Choose one or more, or tick “Every instance”.'
          : null,
    },
  })
  const creating = useMutation({ ...createApiTokenMutation(), onSuccess: useEndKept() })
  if (creating.data) {
    const done = () => {
      // It may have been used already.
      void client.invalidateQueries({ queryKey: apiTokensQuery().queryKey })
      onDone()
    }
    return <CreatedToken created={creating.data} isForAgent={isForAgent} onDone={done} />
  }
  return (
    <DialogForm
      error={creating.error}
      errorTitle="No token was created"
      action="Create token"
      isPending={creating.isPending}
      onSubmit={form.onSubmit(
        ({ days, everyInstance, instanceIds, isUseOnly, name, roleCeiling, ...budget }) => {
          if (creating.isPending) return
          creating.mutate({
            name,
            // What models take is what their role is for; there is nothing to hold back.
            roleCeiling: isUseOnly ? 'deployer' : roleCeiling,
            isUseOnly,
            instanceIds: everyInstance ? null : instanceIds,
            budget: {
              callsPerDay: readCount(budget.callsPerDay),
              gpus: isUseOnly || roleCeiling === 'viewer' ? null : readCount(budget.gpus),
            },
            expiresInDays: Number(days),
          })
        },
      )}
      onCancel={onDone}
    >
      <TextInput
        label="Name"
        description={
          isForAgent
            ? 'Which agent holds it: the audit log says it by this name'
            : 'What it is for: the pipeline or the script that holds it'
        }
        placeholder={isForAgent ? 'editor-on-my-laptop' : 'nightly-rollout'}
        aria-required
        data-autofocus
        maxLength={100}
        {...form.getInputProps('name')}
      />
      {!isForAgent && <UseField form={form} />}
      {!form.values.isUseOnly && (
        <RoleField form={form} me={me} roles={isForAgent ? rolesOfAgents : Role.options} />
      )}
      <InstanceFields form={form} instances={instances} />
      <BudgetFields form={form} />
      <Select
        label="Expires after"
        allowDeselect={false}
        data={lifetimes.map((days) => ({ value: days, label: `${days} days` }))}
        {...form.getInputProps('days')}
      />
    </DialogForm>
  )
}

/** What it may use up: more than one wants a program that runs by itself to. */
function BudgetFields({ form }: { form: UseFormReturnType<TokenValues> }) {
  const { getInputProps, values } = form
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
      <CountField
        label="Calls per day"
        description="Counted per day in UTC. Empty for no limit"
        min={1}
        max={1_000_000}
        {...getInputProps('callsPerDay')}
      />
      {mayDeploy(values) && (
        <CountField
          label="GPUs"
          description="In total, across what it creates. Empty for no limit"
          min={0}
          max={10_000}
          {...getInputProps('gpus')}
        />
      )}
    </SimpleGrid>
  )
}

function CountField(props: NumberInputProps) {
  return <NumberInput allowDecimal={false} allowNegative={false} {...props} />
}

/** Whether what it holds of GPUs can matter. */
function mayDeploy({ isUseOnly, roleCeiling }: TokenValues): boolean {
  return !isUseOnly && roleCeiling !== 'viewer'
}

function readCount(value: number | string): number | null {
  return value === '' ? null : Number(value)
}

function UseField({ form }: { form: UseFormReturnType<TokenValues> }) {
  return (
    <Radio.Group
      label="For"
      value={form.values.isUseOnly ? 'models' : 'everything'}
      onChange={(value) => form.setFieldValue('isUseOnly', value === 'models')}
    >
      <Stack gap="xs" mt="xs">
        <Radio
          value="everything"
          label="The whole hub"
          description="What you may do yourself, up to a role that you choose"
        />
        <Radio
          value="models"
          label="Models only"
          description="Calls models at /v1, and can do nothing else"
        />
      </Stack>
    </Radio.Group>
  )
}

function RoleField({
  form,
  me,
  roles,
}: {
  form: UseFormReturnType<TokenValues>
  me: Me
  roles: readonly Role[]
}) {
  const highest = Math.max(...me.grants.map(({ role }) => Role.options.indexOf(role)))
  return (
    <Select
      label="At most"
      description="Never more than this, and never more than you may do yourself at the time"
      allowDeselect={false}
      data={roles.slice(0, highest + 1).map((role) => ({
        value: role,
        label: `${roleLabels[role]}: ${roleMeanings[role]}`,
      }))}
      {...form.getInputProps('roleCeiling')}
    />
  )
}

function InstanceFields({
  form,
  instances,
}: {
  form: UseFormReturnType<TokenValues>
  instances: readonly string[]
}) {
  return (
    <Stack gap="xs">
      <TagsInput
        label="On"
        description="Instances, or providers of models outside; press comma or Enter after each"
        placeholder={form.values.everyInstance ? 'Every instance' : ''}
        aria-required={!form.values.everyInstance}
        disabled={form.values.everyInstance}
        spellCheck={false}
        autoCapitalize="off"
        splitChars={[',', ' ']}
        acceptValueOnBlur
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the instances' }}
        data={[...instances]}
        {...form.getInputProps('instanceIds')}
        onChange={(typed) => form.setFieldValue('instanceIds', splitNames(typed))}
      />
      <Checkbox
        label="Every instance"
        description="Every instance you have access to, now and later"
        {...form.getInputProps('everyInstance', { type: 'checkbox' })}
      />
    </Stack>
  )
}
