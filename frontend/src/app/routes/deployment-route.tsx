import { getRouteApi } from '@tanstack/react-router'
import { DeploymentPage } from '../../features/deployments/deployment-page.tsx'
import { AskLink } from '../ask-link.tsx'

const route = getRouteApi('/shell/instances/$instance/namespaces/$namespace/deployments/$name')

export function DeploymentRoute() {
  const at = route.useParams()
  return (
    <DeploymentPage
      at={at}
      missingAction={<AskLink instance={at.instance} namespace={at.namespace} />}
    />
  )
}
