import type { Me } from '@hub/shared'
import { useState } from 'react'
import { AskForAccess } from '../features/access-requests/ask-for-access.tsx'
import { OwnRequestPanel } from '../features/access-requests/request-panel.tsx'
import { NoAccessPage } from '../features/auth/no-access-page.tsx'

/** For somebody without a grant: how to get one. */
export function NoAccess({ me, onSignOut }: { me: Me; onSignOut: () => void }) {
  const [isAsking, setAsking] = useState(false)
  return (
    <NoAccessPage
      me={me}
      onSignOut={onSignOut}
      ask={
        <AskForAccess
          opened={isAsking}
          onOpen={() => setAsking(true)}
          onClose={() => setAsking(false)}
          given={{}}
          instances={[]}
        />
      }
      requests={<OwnRequestPanel />}
    />
  )
}
