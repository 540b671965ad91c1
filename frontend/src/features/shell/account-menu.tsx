import { Box, Menu, Text, useMantineColorScheme } from '@mantine/core'
import type { Me } from '@hub/shared'
import { IconLogout, IconUser } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { CopyIcon } from '../../components/copy-icon.tsx'
import type { MenuContentProps } from '../../components/menu-button.tsx'
import { copyWords, useCopy } from '../../components/use-copy.ts'
import { useDensity, type Density } from '../../components/use-density.ts'
import classes from './account-menu.module.css'

export interface AccountMenuProps {
  me: Me
  /** Nobody signs in here, so that there is no session to end. */
  isLocal: boolean
  onSignOut: () => void
}

const schemes = { light: 'Light', dark: 'Dark', auto: 'As the system' }
const densities = { comfortable: 'Comfortable', compact: 'Compact' }

/** Who is signed in, and how the portal looks to them. */
export function AccountMenu({
  me,
  isLocal,
  onSignOut,
  target,
  opened,
  onChange,
}: AccountMenuProps & MenuContentProps) {
  const { copy, state } = useCopy()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [density, setDensity] = useDensity()
  return (
    <Menu width={280} position="bottom-end" opened={opened} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py="xs" className={classes.who}>
          <Text fw={500}>{me.displayName}</Text>
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
        <Menu.Item component={Link} to="/me" leftSection={<IconUser size={16} />}>
          My access
        </Menu.Item>
        <Menu.Item
          leftSection={<CopyIcon size={16} state={state} />}
          closeMenuOnClick={false}
          onClick={() => copy(me.principal)}
        >
          <span aria-live="polite">{copyWords[state] || 'Copy principal'}</span>
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Colour scheme</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => setColorScheme(value as keyof typeof schemes)}
        >
          {Object.entries(schemes).map(([value, label]) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Label>Rows</Menu.Label>
        <Menu.RadioGroup value={density} onChange={(value) => setDensity(value as Density)}>
          {Object.entries(densities).map(([value, label]) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        {!isLocal && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconLogout size={16} />} onClick={onSignOut}>
              Sign out
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
