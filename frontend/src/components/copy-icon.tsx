import { IconCheck, IconCopy, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { CopyState } from './use-copy.ts'

export function CopyIcon({
  ready = IconCopy,
  size,
  state,
}: {
  /** What it is before anything was copied. */
  ready?: typeof IconCopy
  size: number
  state: CopyState
}): ReactNode {
  const Icon = { ready, copied: IconCheck, failed: IconX }[state]
  return <Icon size={size} aria-hidden />
}
