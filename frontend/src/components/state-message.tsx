import { Group, Text, Title } from '@mantine/core'
import type { ComponentType, ReactNode } from 'react'
import classes from './state-message.module.css'

export interface StateMessageProps {
  icon: ComponentType<{ size?: number | string; stroke?: number }>
  title: string
  /** The level of the heading: 1 where nothing else on the page is one. */
  order?: 1 | 2 | 3
  children?: ReactNode
  actions?: ReactNode
}

/** Stands where a page or a list has nothing to show, and says why and what to do. */
export function StateMessage({
  icon: Icon,
  title,
  order = 2,
  children,
  actions,
}: StateMessageProps) {
  return (
    <div className={classes.message}>
      <span className={classes.icon} aria-hidden>
        <Icon size={26} stroke={1.6} />
      </span>
      <Title order={order} size="h3">
        {title}
      </Title>
      {children && (
        <Text component="div" c="dimmed" size="sm" className={classes.text}>
          {children}
        </Text>
      )}
      {actions && (
        <Group justify="center" gap="sm" mt="xs">
          {actions}
        </Group>
      )}
    </div>
  )
}
