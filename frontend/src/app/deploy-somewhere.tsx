import { Button } from '@mantine/core'
import { IconChevronDown, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazyNamed } from '../components/lazy-named.ts'
import { MenuButton } from '../components/menu-button.tsx'
import { canDeployOn } from '../features/instances/instance-state.ts'
import { instancesQuery } from '../features/instances/queries.ts'
import { DeployLink } from './deploy-link.tsx'

const loadMenu = () => import('./deploy-menu.tsx')
const DeployMenu = lazyNamed(loadMenu, 'DeployMenu')

/** The way to deploy a model, on the one instance where this person may, or on one of several. */
export function DeploySomewhere() {
  const instances = useQuery(instancesQuery())
  const open = (instances.data?.items ?? []).filter(canDeployOn)
  const [first, ...others] = open
  if (!first) return null
  if (others.length === 0) return <DeployLink instance={first.id} />
  return (
    <MenuButton
      label="Deploy a model"
      renderButton={(props) => (
        <Button
          {...props}
          leftSection={<IconPlus size={16} />}
          rightSection={<IconChevronDown size={16} />}
        >
          Deploy a model
        </Button>
      )}
      onIntent={() => void loadMenu()}
    >
      {(menu) => <DeployMenu {...menu} instances={open.map(({ id }) => id)} />}
    </MenuButton>
  )
}
