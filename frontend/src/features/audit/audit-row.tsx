import { Collapse } from '@mantine/core'
import type { ListedAuditEvent } from '@hub/shared'
import { IconChevronRight } from '@tabler/icons-react'
import { useId } from 'react'
import { Avatar } from '../../components/avatar.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { describeOutcome } from '../../components/audit-outcome.ts'
import { describeAction } from '../../lib/audit-actions.ts'
import { AuditDetails } from './audit-details.tsx'
import { describeActor, describeTarget } from './audit-words.ts'
import { PlainButton } from '../../components/plain-button.tsx'
import classes from './audit.module.css'

export interface AuditRowProps {
  event: ListedAuditEvent
  isOpen: boolean
  onToggle: () => void
}

/** One row, which opens to everything that it says. */
export function AuditRow({ event, isOpen, onToggle }: AuditRowProps) {
  const id = useId()
  const { label, tone } = describeOutcome(event.outcome)
  const target = describeTarget(event)
  const who = describeActor(event)
  return (
    <li className={classes.row}>
      <PlainButton
        className={classes.head}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={onToggle}
      >
        <span className={classes.chevron} data-open={isOpen}>
          <IconChevronRight size={16} aria-hidden />
        </span>
        <span className={classes.what}>
          <span className={classes.action}>{describeAction(event.action)}</span>
          {target !== '' && <div className={classes.target}>{target}</div>}
        </span>
        <span className={classes.actor}>
          <Avatar name={who} size={22} />
          <span className={classes.who}>{event.via === null ? who : `${who}, by an agent`}</span>
        </span>
        <span className={classes.outcome}>
          <StatusBadge tone={tone} label={label} />
        </span>
        <span className={classes.when}>
          <RelativeTime at={event.occurredAt} />
        </span>
      </PlainButton>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && <AuditDetails event={event} />}
      </Collapse>
    </li>
  )
}
