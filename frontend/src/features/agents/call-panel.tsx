import { Text } from '@mantine/core'
import type { OwnAgentCall } from '@hub/shared'
import { IconRobot } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { PagedList } from '../../components/paged-list.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import rows from '../../components/rows.module.css'
import { Section } from '../../components/section.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { nameAgent } from '../../lib/agents.ts'
import { describeOutcome } from '../../components/audit-outcome.ts'
import { describeAction } from '../../lib/audit-actions.ts'
import { agentCallsQuery } from './queries.ts'

/** What agents changed in the person's name, and what they were refused. */
export function CallPanel() {
  return (
    <Section title="What agents did in your name">
      <PagedList
        list={useInfiniteQuery(agentCallsQuery())}
        names={['change or refusal', 'changes and refusals']}
        empty={
          <StateMessage icon={IconRobot} title="Nothing yet" order={3}>
            What an agent changes in your name, or is refused, appears here. What it only reads does
            not.
          </StateMessage>
        }
      >
        {(items) => (
          <ul className={rows.list} aria-label="What agents did">
            {items.map((call) => (
              <CallRow key={call.id} call={call} />
            ))}
          </ul>
        )}
      </PagedList>
    </Section>
  )
}

function CallRow({ call }: { call: OwnAgentCall }) {
  const { action, at, outcome, target, via } = call
  const { label, tone } = describeOutcome(outcome)
  const place = [target?.instance, target?.namespace, target?.name].filter(
    (part) => part !== null && part !== undefined,
  )
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <span className={rows.strong}>{describeAction(action)}</span>
        {place.length > 0 && <Text size="sm">{place.join(' / ')}</Text>}
        <Text size="xs" c="dimmed">
          {nameAgent(via)} · <code>{via.tool}</code> · <RelativeTime at={at} />
        </Text>
      </div>
      <StatusBadge tone={tone} label={label} />
    </li>
  )
}
