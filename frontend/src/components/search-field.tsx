import { CloseButton, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useTyped } from './use-typed.ts'
import classes from './search-field.module.css'

const searchAfterMs = 250
const searchLengthMax = 200

export interface SearchFieldProps {
  /** What is searched: "Search deployments". */
  label: string
  placeholder: string
  /** As the address has it. */
  text: string
  onChange: (text: string) => void
}

/** A field for what is searched for; while it has the focus it is ahead of the address. */
export function SearchField({ label, placeholder, text, onChange }: SearchFieldProps) {
  const field = useTyped({ value: text, onChange, delayMs: searchAfterMs })
  return (
    <TextInput
      className={classes.field}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      maxLength={searchLengthMax}
      leftSection={<IconSearch size={16} />}
      value={field.shown}
      onFocus={field.hold}
      onBlur={field.leave}
      onChange={(event) => field.type(event.currentTarget.value)}
      rightSection={
        field.shown !== '' && (
          <CloseButton size="sm" aria-label="Clear search" onClick={() => field.replace('')} />
        )
      }
    />
  )
}
