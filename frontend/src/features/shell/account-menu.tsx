import { Avatar, Box, Menu, Text, UnstyledButton } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { ProviderId, type Me } from '@hub/shared'
import {
  IconCheck,
  IconChevronDown,
  IconCopy,
  IconLogout,
  IconShieldCheck,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import classes from './account-menu.module.css'

export function AccountMenu({ me, onSignOut }: { me: Me; onSignOut: () => void }) {
  const clipboard = useClipboard()
  // Without an identity provider (local mode) there is no session to end.
  const canSignOut = ProviderId.safeParse(me.provider).success
  return (
    <Menu width={280} position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={`Account of ${me.displayName}`}>
          <Avatar size={30} radius="xl" color="indigo" aria-hidden />
          <Text size="sm" fw={500} visibleFrom="md" className={classes.name}>
            {me.displayName}
          </Text>
          <IconChevronDown size={14} aria-hidden className={classes.chevron} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py="xs" className={classes.who}>
          <Text size="sm" fw={600}>
            {me.displayName}
          </Text>
          {me.email !== null && me.email !== me.displayName && (
            <Text size="xs" c="dimmed">
              {me.email}
            </Text>
          )}
          <Text size="xs" c="dimmed" ff="monospace" mt={4}>
            {me.principal}
          </Text>
        </Box>
        <Menu.Divider />
        <Menu.Item
          leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          closeMenuOnClick={false}
          onClick={() => clipboard.copy(me.principal)}
        >
          <span aria-live="polite">{clipboard.copied ? 'Copied' : 'Copy principal'}</span>
        </Menu.Item>
        <Menu.Item component={Link} to="/access" leftSection={<IconShieldCheck size={16} />}>
          My access
        </Menu.Item>
        {canSignOut && (
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={onSignOut}>
            Sign out
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
