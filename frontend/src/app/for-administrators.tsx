import type { Me } from '@hub/shared'
import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { usePageTitle } from '../components/page-name.ts'
import { FleetLink } from '../components/fleet-link.tsx'
import { StateMessage } from '../components/state-message.tsx'

/** A page of administration. Who may not administer gets nothing from the hub, and a sentence here. */
export function ForAdministrators({ me, children }: { me: Me; children: ReactNode }) {
  return me.abilities.administer ? children : <Refused />
}

function Refused() {
  usePageTitle('No access')
  return (
    <StateMessage icon={IconLock} title="No access" order={1} actions={<FleetLink />}>
      This page is for administrators of the hub.
    </StateMessage>
  )
}
