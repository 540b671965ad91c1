import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { AuditPage } from '../../features/audit/audit-page.tsx'
import { meQuery } from '../../features/auth/queries.ts'
import { ForAdministrators } from '../for-administrators.tsx'
import { useInstanceNames } from '../use-instance-names.ts'

const route = getRouteApi('/shell/audit')

export function AuditRoute() {
  const search = route.useSearch()
  const { data: me } = useSuspenseQuery(meQuery())
  const navigate = route.useNavigate()
  return (
    <ForAdministrators me={me}>
      <AuditPage
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
        instances={useInstanceNames()}
      />
    </ForAdministrators>
  )
}
