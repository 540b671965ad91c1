import type { NotificationData } from '@mantine/notifications'
import { describeFailure } from '../lib/api/problem.ts'

/** Says in passing what was done. */
export function notify(notification: Pick<NotificationData, 'title' | 'message' | 'color'>): void {
  void import('@mantine/notifications').then(({ notifications }) =>
    notifications.show({ ...notification, closeButtonProps: { 'aria-label': 'Dismiss' } }),
  )
}

/** For a change that was asked for by a button alone; `title` says that it did not happen. */
export function notifyFailure(error: unknown, title: string): void {
  const failure = describeFailure(error, title)
  notify({ color: 'red.9', title: failure.title, message: failure.text })
}
