import { Collapse, UnstyledButton } from '@mantine/core'
import type { AuditEvent } from '@hub/shared'
import { IconChevronRight } from '@tabler/icons-react'
import { useId } from 'react'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink, TextLink } from '../../components/router-link.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { formatDate } from '../../lib/time.ts'
import {
  describeAction,
  describeOutcome,
  describeTarget,
  listChanges,
  readDenial,
  type Change,
} from './audit-words.ts'
import classes from './audit.module.css'

export interface AuditRowProps {
  event: AuditEvent
  isOpen: boolean
  onToggle: () => void
}

/** One row, which opens to everything that it says. */
export function AuditRow({ event, isOpen, onToggle }: AuditRowProps) {
  const id = useId()
  const { label, tone } = describeOutcome(event.outcome)
  const target = describeTarget(event)
  return (
    <li className={classes.row}>
      <UnstyledButton
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
        <span className={classes.actor}>{event.actor}</span>
        <span className={classes.outcome}>
          <StatusBadge tone={tone} label={label} />
        </span>
        <span className={classes.when}>
          <RelativeTime at={event.occurredAt} />
        </span>
      </UnstyledButton>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && <Details event={event} />}
      </Collapse>
    </li>
  )
}

function Details({ event }: { event: AuditEvent }) {
  const denial = readDenial(event)
  const { action, actor, clusterAuditId, ip, occurredAt, reason, requestId, seq, userId } = event
  return (
    <div className={classes.details}>
      <Facts
        items={[
          { term: 'When', value: formatDate(new Date(occurredAt)) },
          { term: 'Action', value: <code>{action}</code> },
          {
            term: 'Who',
            value: (
              <>
                <span className={classes.mono}>{actor}</span>
                {userId !== null && (
                  <>
                    {' · '}
                    <TextLink to="/admin/users/$user" params={{ user: userId }}>
                      this person
                    </TextLink>
                  </>
                )}
                {' · '}
                <TextLink to="/admin/audit" search={{ actor }}>
                  all they did
                </TextLink>
              </>
            ),
          },
          ...(reason === null ? [] : [{ term: 'Reason', value: reason }]),
          { term: 'From', value: ip ?? 'the hub itself' },
          {
            term: 'Request',
            value: (
              <>
                <CopyText text={requestId} label="Copy request id" />
                <TextLink to="/admin/audit" search={{ requestId }}>
                  all of this request
                </TextLink>
              </>
            ),
          },
          ...(clusterAuditId === null
            ? []
            : [
                {
                  term: 'At the cluster',
                  value: <CopyText text={clusterAuditId} label="Copy cluster audit id" />,
                },
              ]),
          { term: 'Row', value: seq },
          {
            term: 'Hash',
            value:
              event.hash === null ? (
                'none: from before there was a chain'
              ) : (
                <CopyText text={event.hash} label="Copy hash" />
              ),
          },
        ]}
      />
      <Changes title="On what" changes={listChanges(null, event.target)} />
      <Changes
        title={
          event.before === null ? 'After' : event.after === null ? 'Before' : 'Before and after'
        }
        changes={listChanges(event.before, event.after)}
      />
      {denial !== null && (
        <div>
          <ButtonLink
            variant="default"
            size="xs"
            to="/admin/users/$user"
            params={{ user: denial.user }}
            search={denial.place}
          >
            Why was this denied?
          </ButtonLink>
        </div>
      )}
    </div>
  )
}

/** Fields and what they were and are; a column is left out where no field has anything in it. */
function Changes({ title, changes }: { title: string; changes: readonly Change[] }) {
  if (changes.length === 0) return null
  const hasBefore = changes.some(({ before }) => before !== null)
  const hasAfter = changes.some(({ after }) => after !== null)
  const isChange = hasBefore && hasAfter
  return (
    <table className={classes.changes}>
      <caption>{title}</caption>
      {isChange && (
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
      )}
      <tbody>
        {changes.map(({ after, before, field }) => (
          <tr key={field} {...(isChange && before === after && { className: classes.same })}>
            <th scope="row">{field}</th>
            {hasBefore && <td>{before ?? '–'}</td>}
            {hasAfter && <td>{after ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
