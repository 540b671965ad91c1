import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { GrantInput } from '@hub/shared'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { ScopeFields } from '../../components/scope-fields.tsx'
import { createGrant, type Holder } from '../../lib/api/admin-client.ts'
import {
  checkScope,
  narrowScope,
  readFieldErrors,
  toScopeInput,
  type FieldErrors,
  type ScopeValues,
} from '../../lib/access/scope-input.ts'
import { endChoices, endDefault, readEnd } from './grant-end.ts'
import { effectiveAccessKey, grantsQuery, peopleKey } from './queries.ts'
import form from '../../components/form.module.css'

export interface AddGrantProps {
  holder: Holder
  name: string
  instances: readonly string[]
}

export function AddGrant(props: AddGrantProps) {
  const [opened, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={open}>
        Give a role
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Give ${props.name} a role`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <GrantForm {...props} onDone={close} />
      </Modal>
    </>
  )
}

function GrantForm({ holder, instances, onDone }: AddGrantProps & { onDone: () => void }) {
  const client = useQueryClient()
  const [scope, setScope] = useState<ScopeValues>(narrowScope)
  const [end, setEnd] = useState(endDefault)
  const [at, setAt] = useState('')
  const [errors, setErrors] = useState<FieldErrors>({})
  const giving = useMutation({
    mutationFn: (input: GrantInput) => createGrant(holder, input),
    onError: (error) => setErrors(readFieldErrors(error)),
    onSuccess: () => {
      for (const queryKey of [grantsQuery(holder).queryKey, effectiveAccessKey, peopleKey]) {
        void client.invalidateQueries({ queryKey })
      }
      onDone()
    },
  })
  const change = (apply: () => void) => {
    apply()
    setErrors({})
    if (!giving.isPending) giving.reset()
  }
  return (
    <form
      noValidate
      className={form.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (giving.isPending) return
        const endsAt = readEnd(end, at, Date.now())
        const wrong = {
          ...checkScope(scope),
          ...(typeof endsAt === 'object' && endsAt !== null && { endsAt: endsAt.problem }),
        }
        setErrors(wrong)
        if (Object.keys(wrong).length > 0 || (typeof endsAt === 'object' && endsAt !== null)) return
        giving.mutate({ ...toScopeInput(scope), ...(endsAt !== null && { endsAt }) })
      }}
    >
      <Stack gap="md">
        <ScopeFields
          isFirst
          values={scope}
          errors={errors}
          instances={instances}
          onChange={(values) => change(() => setScope(values))}
        />
        <Select
          label="Ends"
          allowDeselect={false}
          data={endChoices}
          value={end}
          onChange={(value) => change(() => setEnd(value ?? endDefault))}
        />
        {end === 'at' && (
          <TextInput
            type="datetime-local"
            label="Ends at"
            description="In the time of this browser"
            aria-required
            value={at}
            error={errors['endsAt']}
            onChange={(event) => {
              const { value } = event.currentTarget
              change(() => setAt(value))
            }}
          />
        )}
        {giving.isError && <ProblemNotice title="The role was not given" error={giving.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={giving.isPending}>
            Give role
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
