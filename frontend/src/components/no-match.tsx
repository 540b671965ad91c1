import { Button } from '@mantine/core'
import { IconFilterOff } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { StateMessage } from './state-message.tsx'

export interface NoMatchProps {
  title?: string
  onClear: () => void
  children: ReactNode
}

/** Stands for a list whose filters leave nothing of it. */
export function NoMatch({ title = 'Nothing matches', onClear, children }: NoMatchProps) {
  return (
    <StateMessage
      icon={IconFilterOff}
      title={title}
      actions={
        <Button variant="default" onClick={onClear}>
          Clear filters
        </Button>
      }
    >
      {children}
    </StateMessage>
  )
}
