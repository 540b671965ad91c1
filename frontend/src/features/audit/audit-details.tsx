import type { AuditEvent } from '@hub/shared'
import { describeAgent } from '../../lib/agents.ts'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { ButtonLink, TextLink } from '../../components/router-link.tsx'
import { formatDate } from '../../lib/time.ts'
import { listChanges, readDenial, type Change } from './audit-words.ts'
import classes from './audit.module.css'

/** Everything that a row says. */
export function AuditDetails({ event }: { event: AuditEvent }) {
  const denial = readDenial(event)
  return (
    <div className={classes.details}>
      <EventFacts event={event} />
      <Changes title="Target" changes={listChanges(null, event.target)} />
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
            to="/access/people/$user"
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

function EventFacts({ event }: { event: AuditEvent }) {
  const { action, actor, clusterAuditId, ip, occurredAt, reason, requestId, seq, userId, via } =
    event
  return (
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
                  <TextLink to="/access/people/$user" params={{ user: userId }}>
                    this person
                  </TextLink>
                </>
              )}
              {' · '}
              <TextLink to="/audit" search={{ actor }}>
                everything they did
              </TextLink>
            </>
          ),
        },
        ...(via === null ? [] : [{ term: 'By agent', value: describeAgent(via) }]),
        ...(reason === null ? [] : [{ term: 'Reason', value: reason }]),
        { term: 'From', value: ip ?? 'the hub itself' },
        {
          term: 'Request',
          value: (
            <>
              <CopyText text={requestId} label="Copy request id" />
              <TextLink to="/audit" search={{ requestId }}>
                everything in this request
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
              'none: written before the log was chained'
            ) : (
              <CopyText text={event.hash} label="Copy hash" />
            ),
        },
      ]}
    />
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
