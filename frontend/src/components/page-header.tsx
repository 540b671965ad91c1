import { Group, Title } from '@mantine/core'
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
        <Group gap="sm" align="center">
          {mark}
          <Title order={1} className={classes.title}>
            {title}
          </Title>
          {badge}
        </Group>
        {below && <div className={classes.below}>{below}</div>}
      </div>
      {actions && <Group gap="sm">{actions}</Group>}
    </div>
  )
}
