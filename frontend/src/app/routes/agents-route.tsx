import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { CreateToken } from '../../features/access/create-token.tsx'
import { AgentsPage } from '../../features/agents/agents-page.tsx'
import { meQuery, providersQuery } from '../../features/auth/queries.ts'
import { useInstanceNames } from '../use-instance-names.ts'

export function AgentsRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const instances = useInstanceNames()
  const { data: providers } = useQuery(providersQuery())
  return (
    <AgentsPage
      issuer={providers?.agentIssuer ?? null}
      token={<CreateToken me={me} instances={instances} isForAgent />}
    />
  )
}
