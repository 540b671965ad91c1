import { useSuspenseQuery } from '@tanstack/react-query'
import { MyAccessPage } from '../../features/access/my-access-page.tsx'
import { meQuery } from '../../features/auth/queries.ts'

export function AccessRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  return <MyAccessPage me={me} />
}
