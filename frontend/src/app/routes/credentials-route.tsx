import { useSuspenseQuery } from '@tanstack/react-query'
import { ForAdministrators } from '../for-administrators.tsx'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { CredentialsPage } from '../../features/credentials/credentials-page.tsx'

export function CredentialsRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  return (
    <ForAdministrators me={me}>
      <CredentialsPage isLocal={isLocal(me)} />
    </ForAdministrators>
  )
}
