import { Burger, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Me } from '@hub/shared'
import { Link } from '@tanstack/react-router'
import { useRef, type ReactNode } from 'react'
import { Brand } from '../../components/brand.tsx'
import type { StreamState } from '../../lib/stream/open-stream.ts'
import { AccountMenu } from './account-menu.tsx'
import { ColorSchemeMenu } from './color-scheme-menu.tsx'
import { Navigation, NavigationDrawer } from './navigation.tsx'
import { StreamNotice } from './stream-notice.tsx'
import { useFocusOnNavigation } from './use-focus-on-navigation.ts'
import classes from './shell.module.css'

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
  const navigation = { administers: me.abilities.administer, waiting }
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
          {withNavigation && <Navigation {...navigation} />}
          <Group gap="xs" wrap="nowrap" ml="auto">
            <StreamNotice state={stream} />
            <ColorSchemeMenu />
            <AccountMenu me={me} onSignOut={onSignOut} />
          </Group>
        </div>
      </header>
      <NavigationDrawer
        {...navigation}
        isLocal={isLocal}
        opened={menuOpened}
        onClose={menu.close}
      />
      <main className={classes.main} id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  )
}
