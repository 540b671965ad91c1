import { Button, Group, Modal, Select, Stack, Textarea } from '@mantine/core'
import type { AccessRequestInput } from '@hub/shared'
import { IconUserQuestion } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { ScopeFields } from '../../components/scope-fields.tsx'
import { askForAccess } from '../../lib/api/client.ts'
import {
  checkScope,
  narrowScope,
  readFieldErrors,
  toScopeInput,
  type FieldErrors,
  type ScopeValues,
} from '../../lib/access/scope-input.ts'
import { ownRequestsQuery } from './queries.ts'
import { lengthChoices, lengthDefault } from './request-words.ts'
import form from '../../components/form.module.css'

export interface AskForAccessProps {
  opened: boolean
  onOpen: () => void
  onClose: () => void
  /** What the form begins with. */
  given?: Partial<ScopeValues>
  /** The names to suggest: those the person sees. */
  instances: readonly string[]
}

/** The way to ask an administrator for a role. */
export function AskForAccess(props: AskForAccessProps) {
  const { opened, onOpen, onClose } = props
  return (
    <>
      <Button leftSection={<IconUserQuestion size={16} />} onClick={onOpen}>
        Ask for access
      </Button>
      <Modal
        opened={opened}
        onClose={onClose}
        title="Ask for access"
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <AskForm {...props} />
      </Modal>
    </>
  )
}

function AskForm({ given, instances, onClose }: AskForAccessProps) {
  const client = useQueryClient()
  const [scope, setScope] = useState<ScopeValues>({ ...narrowScope, ...given })
  const [minutes, setMinutes] = useState(String(lengthDefault))
  const [reason, setReason] = useState('')
  const [errors, setErrors] = useState<FieldErrors>({})
  const asking = useMutation({
    mutationFn: (input: AccessRequestInput) => askForAccess(input),
    onError: (error) => setErrors(readFieldErrors(error)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ownRequestsQuery().queryKey })
      onClose()
    },
  })
  const change = (apply: () => void) => {
    apply()
    setErrors({})
    if (!asking.isPending) asking.reset()
  }
  return (
    <form
      noValidate
      className={form.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (asking.isPending) return
        const wrong = {
          ...checkScope(scope),
          ...(reason.trim() === '' && { reason: 'Say what it is for: who decides reads it.' }),
        }
        setErrors(wrong)
        if (Object.keys(wrong).length > 0) return
        asking.mutate({ ...toScopeInput(scope), minutes: Number(minutes), reason: reason.trim() })
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
          label="For how long"
          description="It ends by itself, counted from when it is approved"
          allowDeselect={false}
          data={lengthChoices()}
          value={minutes}
          error={errors['minutes']}
          onChange={(value) => change(() => setMinutes(value ?? String(lengthDefault)))}
        />
        <Textarea
          label="What for"
          description="An administrator reads it and decides"
          placeholder="Roll out the new embedding model for the search team"
          aria-required
          rows={3}
          maxLength={1000}
          value={reason}
          error={errors['reason']}
          onChange={(event) => {
            const { value } = event.currentTarget
            change(() => setReason(value))
          }}
        />
        {asking.isError && <ProblemNotice title="It was not asked for" error={asking.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={asking.isPending}>
            Ask
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
