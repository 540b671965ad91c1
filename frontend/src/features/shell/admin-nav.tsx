import { useMatchRoute } from '@tanstack/react-router'
import { CountBadge } from '../../components/count-badge.tsx'
import { LinkTab, LinkTabs } from '../../components/link-tabs.tsx'
import { listAdminPages } from './admin-pages.ts'

export interface AdminNavProps {
  isLocal: boolean
  /** How many requests for access wait. */
  waiting: number
}

/** The pages of administration, side by side. */
export function AdminNav({ isLocal, waiting }: AdminNavProps) {
  // Programs stand beside people.
  const isOfPrograms = useMatchRoute()({ to: '/admin/service-principals', fuzzy: true }) !== false
  return (
    <LinkTabs label="Administration">
      {listAdminPages({ isLocal }).map(({ to, label }) => (
        <LinkTab
          key={to}
          to={to}
          activeOptions={{ includeSearch: false }}
          {...(isOfPrograms && label === 'People' && { 'aria-current': 'page' as const })}
        >
          {label}
          {label === 'Requests' && <CountBadge count={waiting} what="waiting" />}
        </LinkTab>
      ))}
    </LinkTabs>
  )
}
