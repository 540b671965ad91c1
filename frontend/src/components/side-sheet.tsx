import { CloseButton, Title } from '@mantine/core'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import classes from './side-sheet.module.css'

export interface SideSheetProps {
  title: string
  /** Below the content: what to do with what is shown. */
  actions?: ReactNode
  onClose: () => void
  children: ReactNode
}

/** Stands beside what it tells more about, and leaves that in use. */
export function SideSheet({ title, actions, onClose, children }: SideSheetProps) {
  const id = useId()
  const sheet = useRef<HTMLElement>(null)
  useEffect(() => {
    const { current } = sheet
    const onKeyDown = ({ key }: KeyboardEvent) => key === 'Escape' && onClose()
    current?.addEventListener('keydown', onKeyDown)
    return () => current?.removeEventListener('keydown', onKeyDown)
  }, [onClose])
  return (
    <aside className={classes.sheet} aria-labelledby={id} ref={sheet}>
      <div className={classes.head}>
        <Title order={2} size="h3" id={id} className={classes.title}>
          {title}
        </Title>
        <CloseButton aria-label="Close preview" onClick={onClose} />
      </div>
      <div className={classes.content}>{children}</div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </aside>
  )
}
