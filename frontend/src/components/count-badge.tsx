import { VisuallyHidden } from '@mantine/core'
import classes from './count-badge.module.css'

/** How many wait behind a link; nothing where none do. `what` says it in full: "waiting". */
export function CountBadge({ count, what }: { count: number; what: string }) {
  if (count === 0) return null
  return (
    <span className={classes.count}>
      {count > 99 ? '99+' : count}
      <VisuallyHidden> {what}</VisuallyHidden>
    </span>
  )
}
