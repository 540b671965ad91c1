import { Menu } from '@mantine/core'
import { deploymentActions, type ChangeDeploymentsInput } from '@hub/shared'
import type { MenuContentProps } from '../../../components/menu-button.tsx'
import { actionLabels } from './bulk-words.ts'

export interface BulkMenuProps extends MenuContentProps {
  mayUpdate: boolean
  mayDelete: boolean
  onChoose: (action: ChangeDeploymentsInput['action']) => void
}

export function BulkMenu(props: BulkMenuProps) {
  const { mayDelete, mayUpdate, onChange, onChoose, opened, target } = props
  return (
    <Menu position="top-start" opened={opened} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {deploymentActions
          .filter((action) => (action === 'delete' ? mayDelete : mayUpdate))
          .map((action) => (
            <Menu.Item key={action} onClick={() => onChoose(action)}>
              {actionLabels[action]}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  )
}
