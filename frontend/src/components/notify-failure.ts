import { notifications } from '@mantine/notifications'
import { describeFailure } from '../lib/api/problem.ts'

/** For a change that was asked for by a button alone; `title` says that it did not happen. */
export function notifyFailure(error: unknown, title: string): void {
  const failure = describeFailure(error, title)
  notifications.show({
    color: 'red.9',
    title: failure.title,
    message: failure.text,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  })
}
