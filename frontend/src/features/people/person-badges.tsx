import type { User } from '@hub/shared'
import { IconLock, IconShieldCheck } from '@tabler/icons-react'
import { StatusBadge } from '../../components/status-badge.tsx'
import classes from './people.module.css'

export function PersonBadges({
  person: { disabledAt, isAdministrator = false },
}: {
  person: Pick<User, 'disabledAt'> & Partial<Pick<User, 'isAdministrator'>>
}) {
  if (disabledAt === null && !isAdministrator) return null
  return (
    <div className={classes.badges}>
      {isAdministrator && <StatusBadge tone="busy" icon={IconShieldCheck} label="Administrator" />}
      {disabledAt !== null && <StatusBadge tone="bad" icon={IconLock} label="Disabled" />}
    </div>
  )
}
