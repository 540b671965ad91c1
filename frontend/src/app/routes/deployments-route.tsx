import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { IconChevronDown, IconPlus } from '@tabler/icons-react'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { DeploymentList } from '../../features/deployments/deployment-list.tsx'
import { canDeployOn } from '../../features/instances/instance-state.ts'
import { instancesQuery } from '../../features/instances/queries.ts'
import { DeployLink } from '../deploy-link.tsx'

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

function DeploySomewhere() {
  const instances = useQuery(instancesQuery())
  const open = (instances.data?.items ?? []).filter(canDeployOn)
  const [first, ...others] = open
  if (!first) return null
  if (others.length === 0) return <DeployLink instance={first.id} />
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={16} />}>
          Deploy a model
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>On which instance?</Menu.Label>
        {open.map(({ id }) => (
          <Menu.Item
            key={id}
            renderRoot={(props) => (
              <Link to="/instances/$instance/deploy" params={{ instance: id }} {...props} />
            )}
          >
            {id}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
