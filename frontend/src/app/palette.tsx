import '@mantine/spotlight/styles.layer.css'
import {
  createSpotlight,
  SpotlightAction,
  SpotlightActionsGroup,
  SpotlightActionsList,
  SpotlightEmpty,
  SpotlightRoot,
  SpotlightSearch,
} from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { PlaceLink } from '../features/shell/places.ts'
import { useDestinations } from './use-destinations.tsx'

/** Goes anywhere by its name: places, instances, and deployments of the whole fleet. */
export function Palette({
  places,
  isLocal,
  onClose,
}: {
  places: readonly PlaceLink[]
  isLocal: boolean
  onClose: () => void
}) {
  const [store, spotlight] = useMemo(() => createSpotlight(), [])
  const [query, setQuery] = useState('')
  const { groups, isSearching } = useDestinations(places, query, { isLocal })
  const list = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  useEffect(() => spotlight.open(), [spotlight])
  return (
    <SpotlightRoot
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      shortcut={null}
      scrollable
      overlayProps={{ blur: 0 }}
      maxHeight="60vh"
    >
      <SpotlightSearch
        aria-label="Go to"
        placeholder="Go to a place, an instance or a deployment"
        leftSection={<IconSearch size={18} aria-hidden />}
        onKeyDown={(event) => {
          // What is found comes after what was typed, so that nothing may be selected yet.
          const isSelected = list.current?.querySelector('[data-selected]')
          if (event.key === 'Enter' && !isSelected) list.current?.querySelector('button')?.click()
        }}
      />
      <SpotlightActionsList ref={list}>
        {groups.map(({ label, items }) => (
          <SpotlightActionsGroup key={label} label={label}>
            {items.map(({ key, href, mark, ...words }) => (
              <SpotlightAction
                key={key}
                {...words}
                leftSection={mark}
                onClick={() => void navigate({ to: href })}
              />
            ))}
          </SpotlightActionsGroup>
        ))}
        {groups.length === 0 && (
          <SpotlightEmpty>
            {isSearching ? 'Searching…' : `Nothing you can see is called “${query.trim()}”.`}
          </SpotlightEmpty>
        )}
      </SpotlightActionsList>
    </SpotlightRoot>
  )
}
