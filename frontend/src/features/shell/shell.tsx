import { Burger } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Suspense, useRef, type ReactNode } from 'react'
import { lazyNamed } from '../../components/lazy-named.ts'
import { PlainButton } from '../../components/plain-button.tsx'
import { Breadcrumb, type Crumb } from './breadcrumb.tsx'
import type { PlaceLink, PlaceName } from './places.ts'
import { Rail } from './rail.tsx'
import { useFocusOnNavigation } from './use-focus-on-navigation.ts'
import { useKeptFocus } from './use-kept-focus.ts'
import classes from './shell.module.css'

const RailDrawer = lazyNamed(() => import('./rail-drawer.tsx'), 'RailDrawer')

export interface ShellProps {
  places: readonly PlaceLink[]
  current: PlaceName | null
  crumbs: readonly Crumb[]
  /** How many access requests are waiting for an administrator. */
  waiting: number
  /** At the end of the bar: how fresh the page is, help, and the account. */
  end: ReactNode
  children: ReactNode
}

/** What stands around every page: the places at the left, and above it where it is. */
export function Shell(props: ShellProps) {
  const { places, current, crumbs, waiting, end, children } = props
  const [opened, drawer] = useDisclosure(false)
  const main = useRef<HTMLElement>(null)
  useFocusOnNavigation(main)
  useKeptFocus(main)
  const rail = { places, current, waiting }
  return (
    <div className={classes.shell}>
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
      <div className={classes.side}>
        <Rail {...rail} />
      </div>
      <header className={classes.bar}>
        <PlainButton
          className={`${Burger.classes.root} ${classes.burger}`}
          onClick={drawer.toggle}
          aria-label="Navigation"
          aria-expanded={opened}
        >
          <span
            className={Burger.classes.burger}
            data-opened={opened || undefined}
            data-reduce-motion
          />
        </PlainButton>
        <Breadcrumb crumbs={crumbs} />
        <div className={classes.menus}>{end}</div>
      </header>
      <main className={classes.main} id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      {opened && (
        <Suspense>
          <RailDrawer {...rail} onClose={drawer.close} />
        </Suspense>
      )}
    </div>
  )
}
