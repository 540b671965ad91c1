import { Burger, Drawer, Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Me } from '@hub/shared'
import { IconRocket, IconServer2, IconSettings } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useRef, type ReactNode } from 'react'
import { Brand } from '../../components/brand.tsx'
import { CountBadge } from '../../components/count-badge.tsx'
import type { StreamState } from '../../lib/stream/open-stream.ts'
import { AccountMenu } from './account-menu.tsx'
import { listAdminPages } from './admin-pages.ts'
import { ColorSchemeMenu } from './color-scheme-menu.tsx'
import { StreamNotice } from './stream-notice.tsx'
import { useFocusOnNavigation } from './use-focus-on-navigation.ts'
import classes from './shell.module.css'

const pages = [
  { to: '/', label: 'Instances', icon: IconServer2 },
  { to: '/deployments', label: 'Deployments', icon: IconRocket },
] as const

export interface ShellProps {
  me: Me
  /** False while there is nothing to navigate to. */
  withNavigation: boolean
  /** Nobody signs in here. */
  isLocal: boolean
  /** How many requests for access wait for an administrator. */
  waiting: number
  stream: StreamState
  onSignOut: () => void
  children: ReactNode
}

export function Shell(props: ShellProps) {
  const { me, withNavigation, isLocal, waiting, stream, onSignOut, children } = props
  const [menuOpened, menu] = useDisclosure(false)
  const main = useRef<HTMLElement>(null)
  useFocusOnNavigation(main)
  return (
    <>
      <a
        className={classes.skip}
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          {withNavigation && (
            <Burger
              className={classes.burger}
              opened={menuOpened}
              onClick={menu.toggle}
              size="sm"
              aria-label="Navigation"
              aria-expanded={menuOpened}
            />
          )}
          <Link to="/" className={classes.brand}>
            <Brand size={26} />
            <span className={classes.product}>
              KubeAIRunway <span className={classes.hub}>Hub</span>
            </span>
          </Link>
          {withNavigation && (
            <nav className={classes.nav} aria-label="Main">
              <PageLinks />
              {me.abilities.administer && (
                <Link to="/admin" className={classes.page} activeOptions={{ includeSearch: false }}>
                  <IconSettings size={17} stroke={1.8} aria-hidden />
                  Admin
                  <CountBadge
                    count={waiting}
                    what={waiting === 1 ? 'request waits' : 'requests wait'}
                  />
                </Link>
              )}
            </nav>
          )}
          <Group gap="xs" wrap="nowrap" ml="auto">
            <StreamNotice state={stream} />
            <ColorSchemeMenu />
            <AccountMenu me={me} onSignOut={onSignOut} />
          </Group>
        </div>
      </header>
      <Drawer
        opened={menuOpened}
        onClose={menu.close}
        title="Navigation"
        size="xs"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <nav aria-label="Main">
          <Stack gap={4}>
            <PageLinks onNavigate={menu.close} />
            {me.abilities.administer && (
              <>
                <p className={classes.heading}>Admin</p>
                {listAdminPages({ isLocal }).map(({ to, label, icon: Icon }) => (
                  <Link
                    key={to}
                    to={to}
                    className={classes.page}
                    activeOptions={{ includeSearch: false }}
                    onClick={menu.close}
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
      <main className={classes.main} id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
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
