import { Menu } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import {
  IconArrowsDiagonal,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
} from '@tabler/icons-react'
import type { MenuContentProps } from '../../../components/menu-button.tsx'
import type { SimpleChange } from './queries.ts'

export type ChangeKind = 'scale' | SimpleChange

export interface ChangeMenuProps extends MenuContentProps {
  deployment: Deployment
  onChoose: (kind: ChangeKind) => void
}

const items = [
  { kind: 'scale', label: 'Scale', Icon: IconArrowsDiagonal },
  { kind: 'restart', label: 'Restart', Icon: IconRefresh },
  { kind: 'pause', label: 'Pause', Icon: IconPlayerPause },
  { kind: 'resume', label: 'Resume', Icon: IconPlayerPlay },
] as const

/** What can be done to a deployment besides editing and deleting it. */
export function ChangeMenu({ deployment, onChange, onChoose, opened, target }: ChangeMenuProps) {
  return (
    <Menu position="bottom-end" opened={opened} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {items
          .filter(({ kind }) => isFitting(kind, deployment))
          .map(({ Icon, kind, label }) => (
            <Menu.Item key={kind} leftSection={<Icon size={16} />} onClick={() => onChoose(kind)}>
              {label}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function isFitting(kind: ChangeKind, deployment: Deployment): boolean {
  if (kind === 'pause') return !isPaused(deployment)
  if (kind === 'resume') return isPaused(deployment)
  // Each role of a disaggregated one has replicas of its own, which are edited.
  if (kind === 'scale') return deployment.servingMode !== 'disaggregated'
  return true
}

/** A deployment that runs as it was asked for is paused all the same; then only its sentence says so. */
export function isPaused({ sentence, state }: Deployment): boolean {
  return state === 'paused' || sentence.includes('It is paused')
}
