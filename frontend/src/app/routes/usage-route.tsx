import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { meQuery } from '../../features/auth/queries.ts'
import { UsagePage } from '../../features/usage/usage-page.tsx'

const route = getRouteApi('/shell/usage')

export function UsageRoute() {
  const search = route.useSearch()
  const { data: me } = useSuspenseQuery(meQuery())
  const navigate = route.useNavigate()
  return (
    <UsagePage
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      administers={me.abilities.administer}
    />
  )
}
