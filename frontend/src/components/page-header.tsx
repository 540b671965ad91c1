import type { ReactNode } from 'react'
import classes from './page-header.module.css'

export interface PageHeaderProps {
  title: string
  /** Before the title: the mark of an instance. */
  mark?: ReactNode
  /** Beside the title: a status badge. */
  badge?: ReactNode
  below?: ReactNode
  actions?: ReactNode
}

export function PageHeader({ title, mark, badge, below, actions }: PageHeaderProps) {
  return (
    <div className={classes.header}>
      <div className={classes.words}>
        <div className={classes.row}>
          {mark}
          <h1 className={classes.title}>{title}</h1>
          {badge}
        </div>
        {below && <div className={classes.below}>{below}</div>}
      </div>
      {actions && <div className={classes.row}>{actions}</div>}
    </div>
  )
}
