import type { Deployment } from '@hub/shared'
import { useDebouncedValue } from '@mantine/hooks'
import { IconRobot, IconRocket, IconTemplate, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { InstanceMark } from '../components/instance-mark.tsx'
import { findDeploymentsQuery } from '../features/deployments/queries.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import { accessPages } from '../features/shell/access-pages.ts'
import type { PlaceLink, PlaceName } from '../features/shell/places.ts'
import { addressDeployment, addressInstance } from './addresses.ts'

/** Where somebody may want to go. */
export interface Destination {
  key: string
  label: string
  description?: string
  href: string
  mark: ReactNode
}

const searchAfterMs = 150
const instancesShown = 6

/** What is called as somebody types, by kind; a kind of which nothing is found is left out. */
export function useDestinations(
  places: readonly PlaceLink[],
  query: string,
  { isLocal }: { isLocal: boolean },
) {
  const typed = query.trim()
  const pages = typed === '' ? [] : listPages(places, isLocal)
  const [searched] = useDebouncedValue(typed, searchAfterMs)
  const instances = useQuery(instancesQuery()).data?.items ?? []
  const deployments = useQuery({ ...findDeploymentsQuery(searched), enabled: searched !== '' })
  const isMatch = (text: string) => text.toLowerCase().includes(typed.toLowerCase())
  const found = searched === '' ? [] : (deployments.data?.items ?? [])
  const groups: { label: string; items: Destination[] }[] = [
    {
      label: 'Places',
      items: [...places.map(describePlace), ...pages].filter(({ label }) => isMatch(label)),
    },
    {
      label: 'Instances',
      items: instances
        .filter(({ id }) => isMatch(id))
        .slice(0, instancesShown)
        .map(({ id }) => describeInstance(id)),
    },
    {
      label: 'Deployments',
      items: found
        // What is called so comes before what only runs such a model.
        .toSorted((a, b) => Number(isMatch(b.name)) - Number(isMatch(a.name)))
        .map(describeDeployment),
    },
  ]
  return {
    groups: groups.filter(({ items }) => items.length > 0),
    isSearching: deployments.isFetching || searched !== typed,
  }
}

/** Pages within places, looked for by name. */
function listPages(places: readonly PlaceLink[], isLocal: boolean): Destination[] {
  const hasPlace = (place: PlaceName) => places.some(({ name }) => name === place)
  return [
    ...(isLocal ? [] : [agentsPage]),
    // Whoever administers the hub reads its audit log.
    ...(hasPlace('audit') ? [templatesPage] : []),
    ...(hasPlace('access') ? accessPages.map(describeAccessPage) : []),
  ]
}

const agentsPage: Destination = {
  key: 'agents',
  label: 'Connect an agent',
  href: '/me/agents',
  mark: <IconRobot size={18} aria-hidden />,
}

const templatesPage: Destination = {
  key: 'templates',
  label: 'Templates',
  href: '/templates',
  mark: <IconTemplate size={18} aria-hidden />,
}

function describeAccessPage({ label, to }: (typeof accessPages)[number]): Destination {
  return {
    key: to,
    label,
    description: 'Access',
    href: to,
    mark: <IconUsers size={18} aria-hidden />,
  }
}

function describePlace({ name, label, to, icon: Icon }: PlaceLink): Destination {
  return { key: name, label, href: to, mark: <Icon size={18} aria-hidden /> }
}

function describeInstance(id: string): Destination {
  return { key: id, label: id, href: addressInstance(id), mark: <InstanceMark id={id} /> }
}

function describeDeployment(deployment: Deployment): Destination {
  const { uid, name, namespace, instance, model } = deployment
  return {
    key: uid,
    label: name,
    description: `${instance} / ${namespace}${model.id === null ? '' : ` · ${model.id}`}`,
    href: addressDeployment(deployment),
    mark: <IconRocket size={18} aria-hidden />,
  }
}
