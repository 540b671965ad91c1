import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { meQuery } from '../../features/auth/queries.ts'
import { DeploymentList } from '../../features/deployments/deployment-list.tsx'
import { DeploySomewhere } from '../deploy-somewhere.tsx'

const route = getRouteApi('/shell/deployments')

export function DeploymentsRoute() {
  usePageTitle('Deployments')
  const { data: me } = useSuspenseQuery(meQuery())
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <PageHeader
        title="Deployments"
        below="Every deployment you can see, on all instances"
        actions={<DeploySomewhere />}
      />
      <DeploymentList
        person={me.principal}
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      />
    </>
  )
}
