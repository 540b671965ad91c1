import { useSuspenseQuery } from '@tanstack/react-query'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { CredentialsPage } from '../../features/credentials/credentials-page.tsx'

export function CredentialsRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  return <CredentialsPage isLocal={isLocal(me)} />
}
