import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { providersQuery } from '../../features/auth/queries.ts'
import { GroupMappingsPage } from '../../features/group-mappings/group-mappings-page.tsx'
import { useScopeNames } from '../use-instance-names.ts'

const route = getRouteApi('/shell/access/groups')

export function GroupMappingsRoute() {
  const { mapping } = route.useSearch()
  const providers = useQuery(providersQuery()).data?.items ?? []
  return <GroupMappingsPage instances={useScopeNames()} providers={providers} chosen={mapping} />
}
