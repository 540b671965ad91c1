import { Drawer, Stack } from '@mantine/core'
import { IconRocket, IconServer2, IconSettings } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { CountBadge } from '../../components/count-badge.tsx'
import { listAdminPages } from './admin-pages.ts'
import classes from './shell.module.css'

const pages = [
  { to: '/', label: 'Instances', icon: IconServer2 },
  { to: '/deployments', label: 'Deployments', icon: IconRocket },
] as const

export interface NavigationProps {
  administers: boolean
  /** How many requests for access wait for an administrator. */
  waiting: number
}

/** The pages in the bar at the top. */
export function Navigation({ administers, waiting }: NavigationProps) {
  return (
    <nav className={classes.nav} aria-label="Main">
      <PageLinks />
      {administers && (
        <Link to="/admin" className={classes.page} activeOptions={{ includeSearch: false }}>
          <IconSettings size={17} stroke={1.8} aria-hidden />
          Admin
          <CountBadge count={waiting} what={waiting === 1 ? 'request waits' : 'requests wait'} />
        </Link>
      )}
    </nav>
  )
}

export interface NavigationDrawerProps extends NavigationProps {
  isLocal: boolean
  opened: boolean
  onClose: () => void
}

/** All pages, where the bar has no room for them. */
export function NavigationDrawer({
  administers,
  waiting,
  isLocal,
  opened,
  onClose,
}: NavigationDrawerProps) {
  return (
    <Drawer opened={opened} onClose={onClose} title="Navigation" size="xs">
      <nav aria-label="Main">
        <Stack gap={4}>
          <PageLinks onNavigate={onClose} />
          {administers && (
            <>
              <p className={classes.heading}>Admin</p>
              {listAdminPages({ isLocal }).map(({ to, label, icon: Icon }) => (
                <Link
                  key={to}
                  to={to}
                  className={classes.page}
                  activeOptions={{ includeSearch: false }}
                  onClick={onClose}
                >
                  <Icon size={17} stroke={1.8} aria-hidden />
                  {label}
                  {label === 'Requests' && <CountBadge count={waiting} what="waiting" />}
                </Link>
              ))}
            </>
          )}
        </Stack>
      </nav>
    </Drawer>
  )
}

function PageLinks({ onNavigate }: { onNavigate?: () => void }) {
  return pages.map(({ to, label, icon: Icon }) => (
    <Link
      key={to}
      to={to}
      className={classes.page}
      activeOptions={{ exact: true, includeSearch: false }}
      {...(onNavigate && { onClick: onNavigate })}
    >
      <Icon size={17} stroke={1.8} aria-hidden />
      {label}
    </Link>
  ))
}
