import { Autocomplete, Button, Select, TextInput } from '@mantine/core'
import { AuditOutcome, InstanceId } from '@hub/shared'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useState } from 'react'
import { SearchField } from '../../components/search-field.tsx'
import { useTyped } from '../../components/use-typed.ts'
import { describeOutcome } from '../../components/audit-outcome.ts'
import { actionChoices } from './audit-words.ts'
import type { AuditSearch } from './audit-search.ts'
import { fromLocalInput, toLocalInput } from './local-time.ts'
import classes from './audit.module.css'

type Filter = Omit<AuditSearch, 'row'>
type Field = keyof Filter

export interface AuditFiltersProps {
  filter: Filter
  instances: readonly string[]
  onFilter: (filter: Filter) => void
}

const askAfterMs = 350
const rare = ['actor', 'action', 'instance', 'from', 'to', 'requestId'] as const

/** The filters, each of which is in the address. */
export function AuditFilters({ filter, instances, onFilter }: AuditFiltersProps) {
  const inUse = rare.filter((field) => filter[field] !== undefined).length
  const [isOpen, setOpen] = useState(inUse > 0)
  const set = (field: Field, value: string | undefined) => {
    const rest = { ...filter }
    delete rest[field]
    onFilter(value === undefined ? rest : { ...rest, [field]: value })
  }
  return (
    <>
      <div className={classes.filters}>
        <SearchField
          label="Search the audit log"
          placeholder="Any text in a row"
          text={filter.q ?? ''}
          onChange={(q) => set('q', q.trim() === '' ? undefined : q)}
        />
        <Select
          aria-label="Outcome"
          placeholder="Every outcome"
          w={170}
          clearable
          clearButtonProps={{ 'aria-label': 'Show every outcome' }}
          data={AuditOutcome.options.map((value) => ({
            value,
            label: describeOutcome(value).label,
          }))}
          value={filter.outcome ?? null}
          onChange={(value) => set('outcome', AuditOutcome.safeParse(value).data)}
        />
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {inUse === 0 ? 'More filters' : `More filters (${inUse})`}
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button variant="subtle" onClick={() => onFilter({})}>
            Clear filters
          </Button>
        )}
      </div>
      {isOpen && (
        <div className={classes.more}>
          <TextFilter
            label="Who"
            placeholder="oidc:ada"
            value={filter.actor}
            onChange={(actor) => set('actor', actor)}
          />
          <Select
            label="Did what"
            placeholder="Anything"
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'Show every action' }}
            data={actionChoices(filter.action)}
            value={filter.action ?? null}
            onChange={(value) => set('action', value ?? undefined)}
          />
          <InstanceFilter
            instances={instances}
            value={filter.instance}
            onChange={(instance) => set('instance', instance)}
          />
          <TimeFilter label="From" value={filter.from} onChange={(from) => set('from', from)} />
          <TimeFilter label="Until" value={filter.to} onChange={(to) => set('to', to)} />
          <TextFilter
            label="Request id"
            placeholder="As shown in an error message"
            value={filter.requestId}
            onChange={(requestId) => set('requestId', requestId)}
          />
        </div>
      )}
    </>
  )
}

interface FieldProps {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}

/** A field of text in the address, where nothing is left out of it. */
function useText({ value = '', onChange }: Pick<FieldProps, 'value' | 'onChange'>) {
  return useTyped({
    value,
    onChange: (text) => onChange(text.trim() === '' ? undefined : text.trim()),
    delayMs: askAfterMs,
  })
}

function TextFilter({ label, placeholder, ...field }: FieldProps & { placeholder: string }) {
  const { leave, shown, type } = useText(field)
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      spellCheck={false}
      autoCapitalize="off"
      maxLength={500}
      value={shown}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={leave}
    />
  )
}

function InstanceFilter({
  instances,
  ...field
}: Omit<FieldProps, 'label'> & { instances: readonly string[] }) {
  const { leave, shown, type } = useText(field)
  const isName = shown === '' || InstanceId.safeParse(shown.trim()).success
  return (
    <Autocomplete
      label="Instance"
      placeholder="Every instance"
      spellCheck={false}
      autoCapitalize="off"
      data={[...instances]}
      value={shown}
      error={isName ? null : 'This is not a valid instance name.'}
      onChange={(value) => type(value, value === '' || InstanceId.safeParse(value.trim()).success)}
      onBlur={leave}
    />
  )
}

function TimeFilter({ label, value, onChange }: FieldProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={toLocalInput(value)}
      onChange={(event) => onChange(fromLocalInput(event.currentTarget.value))}
    />
  )
}
