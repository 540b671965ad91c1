import { Button } from '@mantine/core'
import { Notice } from './notice.tsx'

/** Above a list that was read once and could not be read again. */
export function OutdatedNotice({ onRetry }: { onRetry: () => void }) {
  return (
    <Notice
      tone="warning"
      title="This list may be out of date"
      action={
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      }
    >
      Later changes could not be read.
    </Notice>
  )
}
