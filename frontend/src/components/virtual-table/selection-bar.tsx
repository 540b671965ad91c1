import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './virtual-table.module.css'

export interface SelectionBarProps {
  /** How many are selected, in words. */
  counted: string
  onClear: () => void
  /** What to do with them. */
  children: ReactNode
}

/** At the foot of the window while rows are selected. */
export function SelectionBar({ counted, onClear, children }: SelectionBarProps) {
  return (
    <section className={classes.bar} aria-label="Selection">
      <span className={classes.barText}>{counted}</span>
      {children}
      <Button variant="subtle" size="xs" onClick={onClear}>
        Clear selection
      </Button>
    </section>
  )
}
