import { Checkbox, NumberInput, Select, TextInput, Textarea } from '@mantine/core'
import type { ReactNode } from 'react'
import { required } from '../required.ts'
import { useField } from './draft-fields.ts'

interface FieldProps {
  /** JSON pointer into the manifest. */
  at: string
  label: string
  description?: ReactNode
  placeholder?: string
  isRequired?: boolean
}

function useInput({ at, description, isRequired = false, label, placeholder }: FieldProps) {
  const { error, leave, lock, set, value } = useField(at)
  const input = {
    label,
    description: lock ?? description,
    error,
    disabled: lock !== null,
    onBlur: leave,
    ...(placeholder !== undefined && { placeholder }),
    ...(isRequired && required),
  }
  return { input, set, value }
}

const plain = { spellCheck: false, autoCapitalize: 'off', autoComplete: 'off' } as const

export function TextAt(props: FieldProps) {
  const { input, set, value } = useInput(props)
  return (
    <TextInput
      {...input}
      {...plain}
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget }) => set(currentTarget.value || undefined)}
    />
  )
}

export function NumberAt({ min, max, ...props }: FieldProps & { min?: number; max?: number }) {
  const { input, set, value } = useInput(props)
  return (
    <NumberInput
      {...input}
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
      allowDecimal={false}
      clampBehavior="none"
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => set(typeof next === 'number' ? next : undefined)}
    />
  )
}

const unset = 'default'

export interface Choice {
  value: string
  label: string
}

/** One of several; the first stands for leaving it open, unless `isRequired`. */
export function SelectAt({
  choices,
  open = 'Default',
  ...props
}: FieldProps & { choices: readonly Choice[]; open?: string }) {
  const { input, set, value } = useInput(props)
  const given = typeof value === 'string' ? value : unset
  const known = [{ value: unset, label: open }, ...choices]
  // What stands there stays to be seen, offered or not.
  const data = known.some((each) => each.value === given)
    ? known
    : [...known, { value: given, label: given }]
  return (
    <Select
      {...input}
      data={data}
      allowDeselect={false}
      value={given}
      onChange={(next) => set(next === unset || next === null ? undefined : next)}
    />
  )
}

export function SwitchAt(props: FieldProps) {
  const { input, set, value } = useInput(props)
  return (
    <Checkbox
      {...input}
      checked={value === true}
      onChange={({ currentTarget }) => set(currentTarget.checked)}
    />
  )
}

/** Yes, no, or as the instance has it. */
export function YesNoAt(props: FieldProps) {
  const { input, set, value } = useInput(props)
  return (
    <Select
      {...input}
      data={[
        { value: unset, label: 'Default' },
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ]}
      allowDeselect={false}
      value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : unset}
      onChange={(next) => set(next === 'yes' ? true : next === 'no' ? false : undefined)}
    />
  )
}

/** A list of texts, one a line. */
export function LinesAt(props: FieldProps) {
  const { input, set, value } = useInput(props)
  const lines = Array.isArray(value) ? value.map(String) : []
  return (
    <Textarea
      {...input}
      {...plain}
      autosize
      minRows={2}
      maxRows={8}
      value={lines.join('\n')}
      onChange={({ currentTarget }) =>
        set(currentTarget.value === '' ? undefined : currentTarget.value.split('\n'))
      }
    />
  )
}
