import { Tabs } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { meQuery } from '../../features/auth/queries.ts'
import { DeploymentList } from '../../features/deployments/deployment-list.tsx'
import { InstanceDetails } from '../../features/instances/instance-details.tsx'
import { canDeployOn } from '../../features/instances/instance-state.ts'
import { InstanceHeader } from '../../features/instances/instance-header.tsx'
import { AskLink } from '../ask-link.tsx'
import { DeployLink } from '../deploy-link.tsx'

const route = getRouteApi('/shell/instances/$instance')

export function InstanceRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const { instance: id } = route.useParams()
  const { tab, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <InstanceHeader
      id={id}
      missingAction={<AskLink instance={id} />}
      renderActions={(instance) => canDeployOn(instance) && <DeployLink instance={id} />}
    >
      {(instance) => (
        <Tabs
          key={id}
          value={tab ?? 'deployments'}
          keepMounted={false}
          onChange={(value) =>
            void navigate({
              search: value === 'cluster' ? { ...search, tab: 'cluster' } : search,
              replace: true,
            })
          }
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="deployments">Deployments</Tabs.Tab>
            <Tabs.Tab value="cluster">Cluster</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="deployments">
            <DeploymentList
              instance={id}
              person={me.principal}
              knownReason={instance.status.reason}
              search={search}
              onSearch={(next) =>
                void navigate({ search: next, replace: true, resetScroll: false })
              }
              emptyAction={canDeployOn(instance) && <DeployLink instance={id} />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="cluster">
            <InstanceDetails instance={instance} />
          </Tabs.Panel>
        </Tabs>
      )}
    </InstanceHeader>
  )
}
