import { IconLock } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { usePageTitle } from '../../components/page-header.tsx'
import { Panel } from '../../components/panel.tsx'
import { ButtonLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { AdminNav } from '../../features/shell/admin-nav.tsx'
import { useWaitingRequests } from '../use-waiting-requests.ts'

/** Around the pages of administration. Who may not administer gets nothing from the hub, and a sentence here. */
export function AdminRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const waiting = useWaitingRequests(me)
  if (!me.abilities.administer) return <ForAdministrators />
  return (
    <>
      <AdminNav isLocal={isLocal(me)} waiting={waiting} />
      <Outlet />
    </>
  )
}

function ForAdministrators() {
  usePageTitle('No access')
  return (
    <Panel>
      <StateMessage
        icon={IconLock}
        title="No access"
        order={1}
        actions={
          <ButtonLink variant="default" to="/">
            Go to instances
          </ButtonLink>
        }
      >
        This page is for administrators of the hub.
      </StateMessage>
    </Panel>
  )
}
