import type { ComponentType } from 'react'
import type { Tone } from './tone.ts'
import { ToneIcon } from './tone-icon.tsx'
import classes from './status-badge.module.css'

export interface StatusBadgeProps {
  tone: Tone
  label: string
  icon?: ComponentType<{ size?: number | string }> | undefined
}

export function StatusBadge({ tone, label, icon }: StatusBadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone}>
      <ToneIcon tone={tone} icon={icon} size={15} />
      <span>{label}</span>
    </span>
  )
}
