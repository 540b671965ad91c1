import { useSuspenseQuery } from '@tanstack/react-query'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { InstanceListPage } from '../../features/instances/instance-list.tsx'

export function InstancesRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  return <InstanceListPage isLocal={isLocal(me)} administers={me.abilities.administer} />
}
