import { Title } from '@mantine/core'
import { useId, type ReactNode } from 'react'
import classes from './panel.module.css'

/** A surface for one matter; with a title it is a named region. */
export function Panel({
  title,
  flush = false,
  children,
}: {
  title?: string
  flush?: boolean
  children: ReactNode
}) {
  const id = useId()
  const className = flush ? classes.panel : `${classes.panel} ${classes.padded}`
  if (title === undefined) return <div className={className}>{children}</div>
  return (
    <section className={className} aria-labelledby={id}>
      <Title order={2} size="h4" id={id} mb="sm">
        {title}
      </Title>
      {children}
    </section>
  )
}
