import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ModelToken } from '../../features/access/model-token.tsx'
import { DeploymentPage } from '../../features/deployments/deployment-page.tsx'
import { describeLastKnown } from '../../features/instances/instance-state.ts'
import { findInstance, instanceQuery } from '../../features/instances/queries.ts'
import { AskLink } from '../ask-link.tsx'
import { useSeesInstance } from '../use-sees-instance.ts'

const route = getRouteApi('/shell/instances/$instance/namespaces/$namespace/deployments/$name')

export function DeploymentRoute() {
  const at = route.useParams()
  const { tab = 'overview' } = route.useSearch()
  const ask = <AskLink instance={at.instance} namespace={at.namespace} />
  // Whoever may look there is told that there is no such deployment: more access would show no more.
  const missingAction = useSeesInstance(at.instance) ? null : ask
  const client = useQueryClient()
  const instance = useQuery({
    ...instanceQuery(at.instance),
    initialData: () => findInstance(client, at.instance),
  })
  return (
    <DeploymentPage
      at={at}
      tab={tab}
      lastKnown={instance.data ? describeLastKnown(instance.data) : null}
      forbiddenAction={ask}
      missingAction={missingAction}
      tokenAction={<ModelToken model={at.name} instance={at.instance} />}
    />
  )
}
