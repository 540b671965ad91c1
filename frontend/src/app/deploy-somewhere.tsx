import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { canDeployOn } from '../features/instances/instance-state.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import { DeployLink } from './deploy-link.tsx'

/** The way to deploy a model, on the one instance where this person may, or on one of several. */
export function DeploySomewhere() {
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
