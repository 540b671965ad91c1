import { Autocomplete, Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { AuditOutcome, InstanceId } from '@hub/shared'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import { useState } from 'react'
import { SearchField } from '../../components/search-field.tsx'
import { actionChoices, describeOutcome } from './audit-words.ts'
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
            placeholder="As an error names it"
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

/** What is being typed is ahead of the address, which follows; otherwise a field shows what the address says. */
function useTyped({ value, onChange }: Pick<FieldProps, 'value' | 'onChange'>) {
  const [typed, setTyped] = useState<string | null>(null)
  const ask = useDebouncedCallback(onChange, { delay: askAfterMs })
  return {
    text: typed ?? value ?? '',
    type: (text: string, isComplete = true) => {
      setTyped(text)
      if (isComplete) ask(text.trim() === '' ? undefined : text.trim())
    },
    leave: () => {
      ask.flush()
      setTyped(null)
    },
  }
}

function TextFilter({ label, placeholder, ...field }: FieldProps & { placeholder: string }) {
  const { leave, text, type } = useTyped(field)
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      spellCheck={false}
      autoCapitalize="off"
      maxLength={500}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={leave}
    />
  )
}

function InstanceFilter({
  instances,
  ...field
}: Omit<FieldProps, 'label'> & { instances: readonly string[] }) {
  const { leave, text, type } = useTyped(field)
  const isName = text === '' || InstanceId.safeParse(text.trim()).success
  return (
    <Autocomplete
      label="Instance"
      placeholder="Every instance"
      spellCheck={false}
      autoCapitalize="off"
      data={[...instances]}
      value={text}
      error={isName ? null : 'This is no name of an instance.'}
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
