import type { ComponentType, ReactNode } from 'react'
import type { Tone } from './tone.ts'
import { ToneIcon } from './tone-icon.tsx'
import classes from './notice.module.css'

export interface NoticeProps {
  tone: Tone
  title?: string
  icon?: ComponentType<{ size?: number | string }>
  /** `alert` interrupts a screen reader: for the failure of what the person has just asked for. */
  role?: 'alert'
  action?: ReactNode
  children?: ReactNode
}

export function Notice({ tone, title, icon, role, action, children }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={role}>
      <ToneIcon tone={tone} icon={icon} size={20} />
      <div className={classes.body}>
        {title && <p className={classes.title}>{title}</p>}
        {children && <div className={classes.text}>{children}</div>}
      </div>
      {action}
    </div>
  )
}
