import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { DeploymentList } from '../../features/deployments/deployment-list.tsx'
import { instancesQuery } from '../../features/instances/queries.ts'
import { DeploySomewhere } from '../deploy-somewhere.tsx'

const route = getRouteApi('/shell/deployments')

export function DeploymentsRoute() {
  usePageTitle('Deployments')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const instances = useQuery(instancesQuery()).data?.items.map(({ id }) => id) ?? []
  return (
    <>
      <PageHeader
        title="Deployments"
        below="Every model you may see, on all instances"
        actions={<DeploySomewhere />}
      />
      <DeploymentList
        instances={instances}
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true })}
      />
    </>
  )
}
