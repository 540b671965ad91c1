import { useSuspenseQuery } from '@tanstack/react-query'
import { meQuery } from '../../features/auth/queries.ts'
import { TemplatesPage } from '../../features/deployments/templates/templates-page.tsx'
import { ForAdministrators } from '../for-administrators.tsx'
import { useInstanceNames } from '../use-instance-names.ts'

export function TemplatesRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const instances = useInstanceNames()
  return (
    <ForAdministrators me={me}>
      <TemplatesPage instances={instances} />
    </ForAdministrators>
  )
}
