import { getRouteApi } from '@tanstack/react-router'
import { RequestsPage } from '../../features/access-requests/requests-page.tsx'

const route = getRouteApi('/shell/access/requests')

export function RequestsRoute() {
  const { status = 'waiting' } = route.useSearch()
  return <RequestsPage key={status} status={status} />
}
