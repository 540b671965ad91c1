import { Select, Text, type ComboboxItem } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Avatar } from '../../components/avatar.tsx'
import {
  peopleQuery,
  personQuery,
  programChoicesQuery,
  programQuery,
  type Holder,
} from './queries.ts'
import classes from './people.module.css'

interface HolderChoice extends ComboboxItem {
  holder: Holder
  /** What tells people of one name apart. */
  note: string
}

export interface HolderFieldProps {
  holder: Holder | null
  onHolder: (holder: Holder | null) => void
}

const askAfterMs = 200

/** Chooses a person or a program by name. */
export function HolderField({ holder, onHolder }: HolderFieldProps) {
  const [typed, setTyped] = useState('')
  const chosen = useChosen(holder)
  const { people, programs, isLoading } = useChoices(typed === chosen?.label ? '' : typed.trim())
  const isListed = [...people, ...programs].some(({ value }) => value === chosen?.value)
  const others = chosen !== null && !isListed ? [chosen] : []
  const isPerson = chosen !== null && 'user' in chosen.holder
  const groups = [
    { group: 'People', items: isPerson ? [...others, ...people] : people },
    { group: 'Programs', items: isPerson ? programs : [...others, ...programs] },
  ].filter(({ items }) => items.length > 0)
  const byValue = new Map(groups.flatMap(({ items }) => items.map((each) => [each.value, each])))
  return (
    <Select
      label="Person or program"
      placeholder="Search by name, e-mail address or principal"
      className={classes.holder}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Choose nobody' }}
      spellCheck={false}
      data={groups}
      // The hub has searched already.
      filter={({ options }) => options}
      nothingFoundMessage={isLoading ? 'Searching…' : 'Nobody matches'}
      value={chosen?.value ?? null}
      onSearchChange={setTyped}
      onChange={(value) => onHolder((value !== null && byValue.get(value)?.holder) || null)}
      renderOption={({ option }) => (
        <span className={classes.choice}>
          <Avatar name={option.label} />
          <span className={classes.words}>
            {option.label}
            <Text component="span" display="block" size="xs" c="dimmed">
              {byValue.get(option.value)?.note}
            </Text>
          </span>
        </span>
      )}
    />
  )
}

/** The one whom the address names, listed or not. */
function useChosen(holder: Holder | null): HolderChoice | null {
  const user = holder !== null && 'user' in holder ? holder.user : null
  const service = holder !== null && 'service' in holder ? holder.service : null
  const person = useQuery({ ...personQuery(user ?? ''), enabled: user !== null })
  const program = useQuery({ ...programQuery(service ?? ''), enabled: service !== null })
  if (user !== null) return person.data ? toPersonChoice(person.data) : null
  return service !== null && program.data ? toProgramChoice(program.data) : null
}

function useChoices(typed: string) {
  const [q] = useDebouncedValue(typed, askAfterMs)
  const people = useInfiniteQuery(peopleQuery(q === '' ? {} : { q }))
  const programs = useQuery(programChoicesQuery())
  const isMatch = (text: string) => text.toLowerCase().includes(typed.toLowerCase())
  return {
    people: (people.data?.pages[0]?.items ?? []).map(toPersonChoice),
    programs: (programs.data ?? [])
      .filter(({ displayName, principal }) => isMatch(displayName) || isMatch(principal))
      .map(toProgramChoice),
    isLoading: people.isFetching || programs.isFetching || q !== typed,
  }
}

function toPersonChoice(person: {
  id: string
  displayName: string
  email: string | null
}): HolderChoice {
  return {
    value: `user:${person.id}`,
    label: person.displayName,
    holder: { user: person.id },
    note: person.email ?? 'no e-mail address',
  }
}

function toProgramChoice(program: {
  id: string
  displayName: string
  issuer: string
}): HolderChoice {
  return {
    value: `service:${program.id}`,
    label: program.displayName,
    holder: { service: program.id },
    note: program.issuer,
  }
}
