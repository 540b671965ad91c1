import type { Me } from '@hub/shared'
import { IconHelp } from '@tabler/icons-react'
import { Suspense, useCallback, useState } from 'react'
import { Avatar } from '../components/avatar.tsx'
import { lazyNamed } from '../components/lazy-named.ts'
import { MenuButton } from '../components/menu-button.tsx'
import { isLocal } from '../features/auth/queries.ts'
import type { PlaceLink } from '../features/shell/places.ts'
import { useKeys } from '../features/shell/use-keys.ts'

const loadHelp = () => import('../features/shell/help-menu.tsx')
const loadAccount = () => import('../features/shell/account-menu.tsx')
const HelpMenu = lazyNamed(loadHelp, 'HelpMenu')
const AccountMenu = lazyNamed(loadAccount, 'AccountMenu')
const KeySheet = lazyNamed(() => import('../features/shell/key-sheet.tsx'), 'KeySheet')

/** Help and the account, at the end of the bar. */
export function ShellMenus({
  me,
  places,
  onSignOut,
}: {
  me: Me
  places: readonly PlaceLink[]
  onSignOut: () => void
}) {
  const [showsKeys, setShowsKeys] = useState(false)
  const showKeys = useCallback(() => setShowsKeys(true), [])
  useKeys(places, showKeys)
  return (
    <>
      <MenuButton
        label="Help"
        button={<IconHelp size={18} stroke={1.7} aria-hidden />}
        onIntent={() => void loadHelp()}
      >
        {(menu) => <HelpMenu {...menu} onKeys={showKeys} />}
      </MenuButton>
      <MenuButton
        label={`Account of ${me.displayName}`}
        button={<Avatar name={me.displayName} />}
        onIntent={() => void loadAccount()}
      >
        {(menu) => <AccountMenu {...menu} me={me} isLocal={isLocal(me)} onSignOut={onSignOut} />}
      </MenuButton>
      {showsKeys && (
        <Suspense>
          <KeySheet places={places} onClose={() => setShowsKeys(false)} />
        </Suspense>
      )}
    </>
  )
}
