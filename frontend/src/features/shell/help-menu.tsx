import { Menu } from '@mantine/core'
import { IconApi, IconKeyboard, IconTerminal2 } from '@tabler/icons-react'
import type { MenuContentProps } from '../../components/menu-button.tsx'

/** Where to read on: the API, kubectl, the keys, and which version this is. */
export function HelpMenu({
  onKeys,
  target,
  opened,
  onChange,
}: { onKeys: () => void } & MenuContentProps) {
  return (
    <Menu width={240} position="bottom-end" opened={opened} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection="?" onClick={onKeys}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item component="a" href="/api/docs" leftSection={<IconApi size={16} />}>
          API
        </Menu.Item>
        <Menu.Item component="a" href="/cli/" leftSection={<IconTerminal2 size={16} />}>
          kubectl sign-in
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>KubeAIRunway Hub {__HUB_VERSION__}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  )
}
