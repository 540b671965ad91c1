import type { Me } from '@hub/shared'
import { IconHelp, IconSearch } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { Avatar } from '../components/avatar.tsx'
import { lazyNamed } from '../components/lazy-named.ts'
import { MenuButton } from '../components/menu-button.tsx'
import { isLocal } from '../features/auth/queries.ts'
import type { PlaceLink } from '../features/shell/places.ts'
import { useKeys } from '../features/shell/use-keys.ts'
import { PlainButton } from '../components/plain-button.tsx'
import classes from './shell-menus.module.css'

const loadHelp = () => import('../features/shell/help-menu.tsx')
const loadAccount = () => import('../features/shell/account-menu.tsx')
const loadPalette = () => import('./palette.tsx')
const HelpMenu = lazyNamed(loadHelp, 'HelpMenu')
const AccountMenu = lazyNamed(loadAccount, 'AccountMenu')
const KeySheet = lazyNamed(() => import('../features/shell/key-sheet.tsx'), 'KeySheet')
const Palette = lazyNamed(loadPalette, 'Palette')

/** The way to anywhere, help and the account, at the end of the bar. */
export function ShellMenus({
  me,
  places,
  onSignOut,
}: {
  me: Me
  places: readonly PlaceLink[]
  onSignOut: () => void
}) {
  const [shown, setShown] = useState<'keys' | 'palette' | null>(null)
  useKeys(places, setShown)
  return (
    <>
      <PlainButton
        className={classes.find}
        aria-keyshortcuts="Control+K"
        onPointerEnter={() => void loadPalette()}
        onClick={() => setShown('palette')}
      >
        <IconSearch size={16} aria-hidden />
        <span className={classes.words}>Go to…</span>
        <kbd className={classes.keys} aria-hidden>
          Ctrl K
        </kbd>
      </PlainButton>
      <MenuButton
        label="Help"
        button={<IconHelp size={18} stroke={1.7} aria-hidden />}
        onIntent={() => void loadHelp()}
      >
        {(menu) => <HelpMenu {...menu} onKeys={() => setShown('keys')} />}
      </MenuButton>
      <MenuButton
        label={`Account of ${me.displayName}`}
        button={<Avatar name={me.displayName} />}
        onIntent={() => void loadAccount()}
      >
        {(menu) => <AccountMenu {...menu} me={me} isLocal={isLocal(me)} onSignOut={onSignOut} />}
      </MenuButton>
      <Suspense>
        {shown === 'keys' && <KeySheet places={places} onClose={() => setShown(null)} />}
        {shown === 'palette' && (
          <Palette places={places} isLocal={isLocal(me)} onClose={() => setShown(null)} />
        )}
      </Suspense>
    </>
  )
}
