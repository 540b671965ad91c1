import type { Me } from '@hub/shared'
import { IconHelp } from '@tabler/icons-react'
import { Suspense, useCallback, useState } from 'react'
import { Avatar } from '../components/avatar.tsx'
import { lazyNamed } from '../components/lazy-named.ts'
import { createMenuButton } from '../components/menu-button.tsx'
import { isLocal } from '../features/auth/queries.ts'
import type { PlaceLink } from '../features/shell/places.ts'
import { useKeys } from '../features/shell/use-keys.ts'

const HelpMenu = createMenuButton(() => import('../features/shell/help-menu.tsx'), 'HelpMenu')
const AccountMenu = createMenuButton(
  () => import('../features/shell/account-menu.tsx'),
  'AccountMenu',
)
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
      <HelpMenu
        label="Help"
        button={<IconHelp size={18} stroke={1.7} aria-hidden />}
        onKeys={showKeys}
      />
      <AccountMenu
        label={`Account of ${me.displayName}`}
        button={<Avatar name={me.displayName} />}
        me={me}
        isLocal={isLocal(me)}
        onSignOut={onSignOut}
      />
      {showsKeys && (
        <Suspense>
          <KeySheet places={places} onClose={() => setShowsKeys(false)} />
        </Suspense>
      )}
    </>
  )
}
