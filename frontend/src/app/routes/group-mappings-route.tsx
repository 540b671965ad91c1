import { getRouteApi } from '@tanstack/react-router'
import { GroupMappingsPage } from '../../features/group-mappings/group-mappings-page.tsx'
import { useInstanceNames } from '../use-instance-names.ts'

const route = getRouteApi('/shell/admin/group-mappings')

export function GroupMappingsRoute() {
  const { mapping } = route.useSearch()
  return <GroupMappingsPage instances={useInstanceNames()} chosen={mapping} />
}
