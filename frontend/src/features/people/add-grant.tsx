import { Button, Select, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { DialogForm } from '../../components/dialog-form.tsx'
import { KeptDialog, useKept, useKeptDialog } from '../../components/kept-dialog.tsx'
import { LimitFields } from '../../components/limit-fields.tsx'
import { ScopeFields } from '../../components/scope-fields.tsx'
import { useScopeForm } from '../../components/use-scope-form.ts'
import { readClock } from '../../lib/clock.ts'
import { readLimits, toLimitValues } from '../../lib/access/limits-input.ts'
import { endChoices, endDefault, readEnd } from './grant-end.ts'
import { createGrantMutation } from './mutations.ts'
import type { Holder } from './queries.ts'

export interface AddGrantProps {
  holder: Holder
  name: string
  instances: readonly string[]
}

export function AddGrant(props: AddGrantProps) {
  const dialog = useKeptDialog(`grant:${JSON.stringify(props.holder)}`)
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
        Give a role
      </Button>
      <KeptDialog dialog={dialog} title={`Give ${props.name} a role`} size="lg">
        <GrantForm {...props} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

function GrantForm({ holder, instances, onDone }: AddGrantProps & { onDone: () => void }) {
  const [end, setEnd] = useKept('end', endDefault)
  const [at, setAt] = useKept('at', '')
  const [limits, setLimits] = useKept('limits', toLimitValues(undefined))
  const { change, error, errors, isPending, scopeFields, submit } = useScopeForm({
    mutation: createGrantMutation(holder),
    readRest: () => {
      const endsAt = readEnd(end, at, readClock())
      if (typeof endsAt === 'object' && endsAt !== null)
        return { errors: { endsAt: endsAt.problem } }
      const read = readLimits(limits)
      if (read.errors) return { errors: read.errors }
      return { input: { ...(endsAt !== null && { endsAt }), ...read } }
    },
    onSent: onDone,
  })
  return (
    <DialogForm
      error={error}
      errorTitle="The role was not given"
      action="Give role"
      isPending={isPending}
      onSubmit={submit}
      onCancel={onDone}
    >
      <ScopeFields isFirst {...scopeFields} instances={instances} />
      <LimitFields
        values={limits}
        errors={errors}
        onChange={(changed) => change(() => setLimits(changed))}
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
          description="In this browser’s time zone"
          aria-required
          value={at}
          error={errors['endsAt']}
          onChange={({ currentTarget: { value } }) => change(() => setAt(value))}
        />
      )}
    </DialogForm>
  )
}
