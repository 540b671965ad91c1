import { Stack, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { DeploymentList } from '../../features/deployments/deployment-list.tsx'
import { InstanceDetails } from '../../features/instances/instance-details.tsx'
import { InstanceHeader } from '../../features/instances/instance-header.tsx'
import { DeployLink } from '../deploy-link.tsx'

const route = getRouteApi('/shell/instances/$instance')

export function InstanceRoute() {
  const { instance: id } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <InstanceHeader
      id={id}
      renderActions={(instance) => instance.abilities.deploy && <DeployLink instance={id} />}
    >
      {(instance) => (
        <Stack gap="md">
          <InstanceDetails instance={instance} />
          <Title order={2} mt="sm">
            Deployments
          </Title>
          <DeploymentList
            key={id}
            instance={id}
            search={search}
            onSearch={(next) => void navigate({ search: next, replace: true })}
            emptyAction={instance.abilities.deploy && <DeployLink instance={id} />}
          />
        </Stack>
      )}
    </InstanceHeader>
  )
}
