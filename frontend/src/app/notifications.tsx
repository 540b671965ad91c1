import '@mantine/notifications/styles.layer.css'
import { Notifications as Mantine } from '@mantine/notifications'

/** Where what is said in passing appears. */
export function Notifications() {
  return <Mantine position="bottom-right" />
}
