import { useSyncExternalStore } from 'react'
import type { NotificationData } from '@mantine/notifications'
import { describeFailure } from '../lib/api/problem.ts'

let isWanted = false
const listeners = new Set<() => void>()

/** Whether anything was ever said in passing: until then there is no place for it on the page. */
export function useNotificationsWanted(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isWanted,
  )
}

/** Says in passing what was done. */
export function notify(notification: Pick<NotificationData, 'title' | 'message' | 'color'>): void {
  isWanted = true
  for (const listener of listeners) listener()
  void import('@mantine/notifications').then(({ notifications }) =>
    notifications.show({ ...notification, closeButtonProps: { 'aria-label': 'Dismiss' } }),
  )
}

/** For a change that was asked for by a button alone; `title` says that it did not happen. */
export function notifyFailure(error: unknown, title: string): void {
  const failure = describeFailure(error, title)
  notify({ color: 'red.9', title: failure.title, message: failure.text })
}
