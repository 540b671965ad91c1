import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { MyAccessPage } from '../../features/access/my-access-page.tsx'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { instancesQuery } from '../../features/instances/queries.ts'

export function AccessRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const instances = useQuery(instancesQuery())
  return (
    <MyAccessPage
      me={me}
      signsIn={!isLocal(me)}
      instances={instances.data?.items.map(({ id }) => id) ?? []}
    />
  )
}
