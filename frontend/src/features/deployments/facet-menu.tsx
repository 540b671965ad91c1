import { Loader, Menu, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
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

/** With fewer there is nothing to search. */
const searchFrom = 8

/** The values that a list can be narrowed to, the most frequent first. */
export function FacetMenu(props: FacetMenuProps & MenuContentProps) {
  const { facet, value, filter, onChoose, target, opened, onChange } = props
  const [typed, setTyped] = useState('')
  const facets = useQuery({ ...facetsQuery(filter), enabled: opened })
  const values = (facets.data?.[facetFields[facet]] ?? []).map(({ count, label, value: key }) => ({
    count,
    key,
    label: facet === 'owner' ? label : nameFacetValue(facet, key, noNames),
  }))
  const words = typed.trim().toLowerCase()
  const found = values.filter(({ key, label }) => `${label}\n${key}`.toLowerCase().includes(words))
  return (
    <Menu
      width={300}
      position="bottom-start"
      opened={opened}
      onChange={onChange}
      floatingStrategy="fixed"
    >
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {values.length > searchFrom && (
          <Menu.Search
            aria-label={`Search ${facetNames[facet].toLowerCase()}`}
            placeholder="Search…"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {value !== null && <Menu.Item onClick={() => onChoose(null)}>All</Menu.Item>}
        {found.map(({ count, key, label }) => (
          <Menu.Item
            key={key}
            aria-current={key === value || undefined}
            fw={key === value ? 500 : undefined}
            rightSection={
              <Text size="xs" c="dimmed">
                {count}
              </Text>
            }
            onClick={() => onChoose(key)}
          >
            <span style={{ overflowWrap: 'anywhere' }}>{label}</span>
          </Menu.Item>
        ))}
        {facets.isPending ? (
          <Menu.Item disabled leftSection={<Loader size={14} />}>
            Looking up the choices
          </Menu.Item>
        ) : (
          found.length === 0 && (
            <Menu.Item disabled>
              {facets.data === undefined
                ? describeError(facets.error)
                : values.length === 0
                  ? 'None of these deployments has one'
                  : 'Nothing matches'}
            </Menu.Item>
          )
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

const noNames: ReadonlyMap<string, string> = new Map()
