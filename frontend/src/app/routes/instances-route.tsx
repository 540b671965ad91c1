import { InstanceListPage } from '../../features/instances/instance-list.tsx'

export function InstancesRoute() {
  return <InstanceListPage />
}
