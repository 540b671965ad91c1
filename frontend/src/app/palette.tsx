import '@mantine/spotlight/styles.layer.css'
import { useDebouncedValue } from '@mantine/hooks'
import {
  createSpotlight,
  SpotlightAction,
  SpotlightActionsGroup,
  SpotlightActionsList,
  SpotlightEmpty,
  SpotlightRoot,
  SpotlightSearch,
} from '@mantine/spotlight'
import { IconRocket, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { InstanceMark } from '../components/instance-mark.tsx'
import { findDeploymentsQuery } from '../features/deployments/queries.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import type { PlaceLink } from '../features/shell/places.ts'

const searchAfterMs = 150
const instancesShown = 6

/** Goes anywhere by its name: places, instances, and deployments of the whole fleet. */
export function Palette({
  places,
  onClose,
}: {
  places: readonly PlaceLink[]
  onClose: () => void
}) {
  const [store, spotlight] = useMemo(() => createSpotlight(), [])
  const [query, setQuery] = useState('')
  const [searched] = useDebouncedValue(query.trim(), searchAfterMs)
  const list = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  const instances = useQuery(instancesQuery()).data?.items ?? []
  const deployments = useQuery({ ...findDeploymentsQuery(searched), enabled: searched !== '' })
  useEffect(() => spotlight.open(), [spotlight])

  const isMatch = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase())
  const shownPlaces = places.filter(({ label }) => isMatch(label))
  const shownInstances = instances.filter(({ id }) => isMatch(id)).slice(0, instancesShown)
  // What is called so comes before what only runs such a model.
  const found = (searched === '' ? [] : (deployments.data?.items ?? [])).toSorted(
    (a, b) => Number(isMatch(b.name)) - Number(isMatch(a.name)),
  )
  const isEmpty = shownPlaces.length + shownInstances.length + found.length === 0
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
        {shownPlaces.length > 0 && (
          <SpotlightActionsGroup label="Places">
            {shownPlaces.map(({ name, label, to, icon: Icon }) => (
              <SpotlightAction
                key={name}
                label={label}
                leftSection={<Icon size={18} aria-hidden />}
                onClick={() => void navigate({ to, search: {} })}
              />
            ))}
          </SpotlightActionsGroup>
        )}
        {shownInstances.length > 0 && (
          <SpotlightActionsGroup label="Instances">
            {shownInstances.map(({ id }) => (
              <SpotlightAction
                key={id}
                label={id}
                leftSection={<InstanceMark id={id} />}
                onClick={() =>
                  void navigate({ to: '/instances/$instance', params: { instance: id } })
                }
              />
            ))}
          </SpotlightActionsGroup>
        )}
        {found.length > 0 && (
          <SpotlightActionsGroup label="Deployments">
            {found.map(({ uid, name, namespace, instance, model }) => (
              <SpotlightAction
                key={uid}
                label={name}
                description={`${instance} / ${namespace}${model.id === null ? '' : ` · ${model.id}`}`}
                leftSection={<IconRocket size={18} aria-hidden />}
                onClick={() =>
                  void navigate({
                    to: '/instances/$instance/namespaces/$namespace/deployments/$name',
                    params: { instance, namespace, name },
                  })
                }
              />
            ))}
          </SpotlightActionsGroup>
        )}
        {isEmpty && (
          <SpotlightEmpty>
            {deployments.isFetching || searched !== query.trim()
              ? 'Searching…'
              : `Nothing that you may see is called “${query.trim()}”.`}
          </SpotlightEmpty>
        )}
      </SpotlightActionsList>
    </SpotlightRoot>
  )
}
