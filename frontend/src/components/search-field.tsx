import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
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

/** While it has the focus the field is ahead of the address, which follows; otherwise it shows what the address says. */
export function SearchField({ label, placeholder, text, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const search = useDebouncedCallback(onChange, { delay: searchAfterMs })
  const value = typed ?? text
  return (
    <TextInput
      className={classes.field}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      maxLength={searchLengthMax}
      leftSection={<IconSearch size={16} />}
      value={value}
      onFocus={() => setTyped(text)}
      onBlur={() => {
        search.flush()
        setTyped(null)
      }}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        search(event.currentTarget.value)
      }}
      rightSection={
        value !== '' && (
          <CloseButton
            size="sm"
            aria-label="Clear search"
            onClick={() => {
              search.cancel()
              setTyped(null)
              onChange('')
            }}
          />
        )
      }
    />
  )
}
