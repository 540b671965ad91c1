import { isDnsLabel, roles, type Grant, type Role } from '@hub/shared'
import { useSuspenseQuery } from '@tanstack/react-query'
import { ButtonLink } from '../components/router-link.tsx'
import { isLocal, meQuery } from '../features/auth/queries.ts'

/** Where somebody may not: the way to ask for it. Nobody asks anybody in local mode, nor for what they hold everywhere. */
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
  const holds = ({ instanceId, namespaces, role }: Grant) =>
    instanceId === null && namespaces === null && roles.indexOf(role) >= roles.indexOf(wanted)
  if (isLocal(me) || me.abilities.administer || me.grants.some(holds)) return null
  if (!isDnsLabel(instance)) return null
  return (
    <ButtonLink
      to="/me"
      search={{ ask: true, instance, role: wanted, ...(namespace !== undefined && { namespace }) }}
    >
      Ask for access
    </ButtonLink>
  )
}
