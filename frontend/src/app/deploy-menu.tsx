import { Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { MenuContentProps } from '../components/menu-button.tsx'

/** The instances where this person may deploy. */
export function DeployMenu({
  instances,
  target,
  opened,
  onChange,
}: { instances: readonly string[] } & MenuContentProps) {
  return (
    <Menu position="bottom-end" opened={opened} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>On which instance?</Menu.Label>
        {instances.map((id) => (
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
