import { getRouteApi } from '@tanstack/react-router'
import { AuditPage } from '../../features/audit/audit-page.tsx'
import { useInstanceNames } from '../use-instance-names.ts'

const route = getRouteApi('/shell/admin/audit')

export function AuditRoute() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <AuditPage
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      instances={useInstanceNames()}
    />
  )
}
