import { Button, Text } from '@mantine/core'
import { IconCloudOff, IconLock, IconMapQuestion } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { describeError, isProblem } from '../lib/api/problem.ts'
import { StateMessage } from './state-message.tsx'

export interface ProblemMessageProps {
  error: unknown
  /** What could not be shown: "The deployments could not be loaded". */
  title: string
  order?: 1 | 2 | 3
  onRetry?: () => void
  actions?: ReactNode
}

/** Stands for a page or a list that could not be read. */
export function ProblemMessage({ error, title, order = 2, onRetry, actions }: ProblemMessageProps) {
  const missing = isProblem(error, 404)
  const forbidden = isProblem(error, 403)
  const requestId = isProblem(error) ? error.requestId : null
  return (
    <StateMessage
      icon={missing ? IconMapQuestion : forbidden ? IconLock : IconCloudOff}
      title={missing ? 'Not found' : forbidden ? 'No access' : title}
      order={order}
      actions={
        <>
          {onRetry && !missing && (
            <Button variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {actions}
        </>
      }
    >
      {describeError(error)}
      {requestId && !missing && !forbidden && (
        <Text component="p" size="xs" mt="xs">
          Reference {requestId}
        </Text>
      )}
    </StateMessage>
  )
}
