import { Combobox, Group, Text, useCombobox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { MenuContentProps } from '../../components/menu-button.tsx'
import { describeError } from '../../lib/api/problem.ts'
import { facetFields, facetNames, nameFacetValue } from './facet-words.ts'
import type { DeploymentFilter, Facet } from './list-filter.ts'
import { facetsQuery } from './queries.ts'

export interface FacetMenuProps {
  facet: Facet
  value: string | null
  filter: DeploymentFilter
  onChoose: (value: string | null) => void
}

/** Stands for every value: none has no character. */
const all = ''

/** The values that a list can be narrowed to, the most frequent first. */
export function FacetMenu(props: FacetMenuProps & MenuContentProps) {
  const { facet, value, filter, onChoose, target, opened, onChange } = props
  const [typed, setTyped] = useState('')
  const combobox = useCombobox({ opened, onOpenedChange: onChange })
  const { focusSearchInput } = combobox
  useEffect(() => {
    if (opened) focusSearchInput()
  }, [opened, focusSearchInput])
  const facets = useQuery({ ...facetsQuery(filter), enabled: opened })
  const values = (facets.data?.[facetFields[facet]] ?? []).map(({ count, label, value: key }) => ({
    count,
    key,
    label: facet === 'owner' ? label : nameFacetValue(facet, key, noNames),
  }))
  const words = typed.trim().toLowerCase()
  const found = values.filter(({ key, label }) => `${label}\n${key}`.toLowerCase().includes(words))
  const choose = (key: string) => {
    onChoose(key === all ? null : key)
    setTyped('')
    onChange(false)
  }
  return (
    <Combobox
      store={combobox}
      width={300}
      position="bottom-start"
      floatingStrategy="fixed"
      onOptionSubmit={choose}
    >
      <Combobox.Target targetType="button">{target}</Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          aria-label={`Search ${facetNames[facet].toLowerCase()}`}
          placeholder="Search…"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            combobox.resetSelectedOption()
          }}
        />
        <Combobox.Options mah={360} style={{ overflowY: 'auto' }} aria-label={facetNames[facet]}>
          {value !== null && <Combobox.Option value={all}>All</Combobox.Option>}
          {found.map(({ count, key, label }) => (
            <Combobox.Option key={key} value={key} active={key === value}>
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <span style={{ overflowWrap: 'anywhere' }}>{label}</span>
                <Text size="xs" c="dimmed">
                  {count}
                </Text>
              </Group>
            </Combobox.Option>
          ))}
          {found.length === 0 && (
            <Combobox.Empty>
              {facets.isPending
                ? 'Looking up the choices…'
                : facets.data === undefined
                  ? describeError(facets.error)
                  : values.length === 0
                    ? 'None of these deployments has one'
                    : 'Nothing matches'}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

const noNames: ReadonlyMap<string, string> = new Map()
