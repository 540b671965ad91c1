import type { IconBook } from '@tabler/icons-react'
import {
  IconChartBar,
  IconHistory,
  IconLayoutDashboard,
  IconRocket,
  IconServer2,
  IconUser,
  IconUsers,
} from '@tabler/icons-react'

/** Where everything in the portal is: each page belongs to one of these. */
export type PlaceName = 'fleet' | 'deployments' | 'instances' | 'access' | 'usage' | 'audit' | 'me'

export interface PlaceLink {
  name: PlaceName
  to: '/' | '/deployments' | '/instances' | '/access' | '/usage' | '/audit' | '/me'
  label: string
  icon: typeof IconBook
  /** The key that leads there after `g`. */
  key: string
}

const all: readonly PlaceLink[] = [
  { name: 'fleet', to: '/', label: 'Fleet', icon: IconLayoutDashboard, key: 'f' },
  { name: 'deployments', to: '/deployments', label: 'Deployments', icon: IconRocket, key: 'd' },
  { name: 'instances', to: '/instances', label: 'Instances', icon: IconServer2, key: 'i' },
  { name: 'access', to: '/access', label: 'Access', icon: IconUsers, key: 'a' },
  { name: 'usage', to: '/usage', label: 'Usage', icon: IconChartBar, key: 'u' },
  { name: 'audit', to: '/audit', label: 'Audit', icon: IconHistory, key: 'l' },
  { name: 'me', to: '/me', label: 'Me', icon: IconUser, key: 'm' },
]

/** Those that somebody can go to; in local mode there is nobody else whose access could be looked at. */
export function listPlaces(who: {
  hasAccess: boolean
  administers: boolean
  isLocal: boolean
}): readonly PlaceLink[] {
  return all.filter(({ name }) => {
    if (name === 'me') return true
    if (name === 'access') return who.administers && !who.isLocal
    if (name === 'audit') return who.administers
    return who.hasAccess
  })
}
