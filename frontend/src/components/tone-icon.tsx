import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconLoader2,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { Tone } from './tone.ts'
import classes from './tone-icon.module.css'

const icons = {
  good: IconCircleCheckFilled,
  busy: IconLoader2,
  warning: IconAlertTriangleFilled,
  bad: IconCircleXFilled,
  neutral: IconCircleDashed,
} satisfies Record<Tone, ComponentType>

export interface ToneIconProps {
  tone: Tone
  icon?: ComponentType<{ size?: number | string }> | undefined
  size?: number
}

/** The icon of a tone, for the eye alone: the words beside it carry the meaning. */
export function ToneIcon({ tone, icon, size = 18 }: ToneIconProps) {
  const Icon = icon ?? icons[tone]
  return (
    <span
      className={classes.icon}
      data-tone={tone}
      data-spin={tone === 'busy' && !icon}
      aria-hidden
    >
      <Icon size={size} />
    </span>
  )
}
