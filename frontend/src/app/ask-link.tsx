import { InstanceId, type Role } from '@hub/shared'
import { useSuspenseQuery } from '@tanstack/react-query'
import { ButtonLink } from '../components/router-link.tsx'
import { isLocal, meQuery } from '../features/auth/queries.ts'

/** Where somebody may not: the way to ask for it. Nobody asks anybody in local mode. */
export function AskLink({
  instance,
  namespace,
  wanted = 'viewer',
}: {
  instance: string
  namespace?: string
  wanted?: Role
}) {
  const { data: me } = useSuspenseQuery(meQuery())
  if (isLocal(me) || me.abilities.administer || !InstanceId.safeParse(instance).success) return null
  return (
    <ButtonLink
      to="/access"
      search={{ ask: true, instance, role: wanted, ...(namespace !== undefined && { namespace }) }}
    >
      Ask for access
    </ButtonLink>
  )
}
