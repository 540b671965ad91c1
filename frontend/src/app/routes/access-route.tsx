import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { meQuery } from '../../features/auth/queries.ts'
import { AccessNav } from '../../features/shell/access-nav.tsx'
import { ForAdministrators } from '../for-administrators.tsx'
import { useWaitingRequests } from '../use-waiting-requests.ts'

/** Around the pages of *Access*. */
export function AccessRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const waiting = useWaitingRequests(me)
  return (
    <ForAdministrators me={me}>
      <AccessNav waiting={waiting} />
      <Outlet />
    </ForAdministrators>
  )
}
