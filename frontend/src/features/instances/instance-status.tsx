import type { Instance } from '@hub/shared'
import { IconKeyOff, IconPackageOff, IconPlugConnectedX, IconShieldX } from '@tabler/icons-react'
import { StatusBadge } from '../../components/status-badge.tsx'
import { describeInstanceState } from '../../components/instance-words.ts'

const icons = {
  unreachable: IconPlugConnectedX,
  unauthorized: IconShieldX,
  'no-crd': IconPackageOff,
  'no-credential': IconKeyOff,
}

export function InstanceStatusBadge({ instance }: { instance: Instance }) {
  const { state } = instance.status
  const { label, tone } = describeInstanceState(state)
  return (
    <StatusBadge
      tone={tone}
      label={label}
      icon={state in icons ? icons[state as keyof typeof icons] : undefined}
    />
  )
}
