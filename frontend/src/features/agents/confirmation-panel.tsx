import { Group, Skeleton, Stack, Text } from '@mantine/core'
import type { Confirmation } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { CodeBlock } from '../../components/code-block.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Facts } from '../../components/facts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import rows from '../../components/rows.module.css'
import { Section } from '../../components/section.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import type { Tone } from '../../components/tone.ts'
import { nameAgent } from '../../lib/agents.ts'
import { describeEnd } from '../../lib/time.ts'
import { confirmationsQuery, decideConfirmationMutation } from './queries.ts'

const verbs = { 'deployment.delete': 'Delete', 'deployment.recreate': 'Recreate' } as const
const decided: Record<Exclude<Confirmation['state'], 'waiting'>, { tone: Tone; label: string }> = {
  approved: { tone: 'good', label: 'Approved' },
  refused: { tone: 'neutral', label: 'Refused' },
  used: { tone: 'neutral', label: 'Done' },
}

/** What agents want to destroy, where an instance wants a person's yes first. */
export function ConfirmationPanel() {
  return (
    <Section title="What agents ask you">
      <Loaded
        query={useQuery(confirmationsQuery())}
        title="What agents ask could not be loaded"
        order={3}
        placeholder={<Skeleton height={44} aria-hidden />}
      >
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              Nothing. Where an instance’s policy says so, agents ask you here before they delete or
              recreate a deployment.
            </Text>
          ) : (
            <ul className={rows.list} aria-label="What agents ask">
              {items.map((item) => (
                <ConfirmationRow key={item.id} confirmation={item} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

function ConfirmationRow({ confirmation }: { confirmation: Confirmation }) {
  const { action, createdAt, isOwn, principal, state, target } = confirmation
  const verb = verbs[action]
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <span className={rows.strong}>
          {verb} {target.name}
        </span>
        <Text size="sm">
          {target.instance} / {target.namespace}
        </Text>
        <Text size="xs" c="dimmed">
          {nameAsker(confirmation)}
          {!isOwn && `, ${principal}`} · <RelativeTime at={createdAt} />
        </Text>
      </div>
      {state === 'waiting' ? (
        <Group gap="xs">
          <Decision confirmation={confirmation} decision="refuse" verb={verb} />
          <Decision confirmation={confirmation} decision="approve" verb={verb} />
        </Group>
      ) : (
        <StatusBadge {...decided[state]} />
      )}
    </li>
  )
}

function Decision({
  confirmation,
  decision,
  verb,
}: {
  confirmation: Confirmation
  decision: 'approve' | 'refuse'
  verb: string
}) {
  const { id, target } = confirmation
  const isApproval = decision === 'approve'
  const label = isApproval ? 'Approve' : 'Refuse'
  return (
    <ConfirmButton
      label={label}
      ariaLabel={`${label}: ${verb.toLowerCase()} ${target.name}`}
      title={
        isApproval
          ? `Let the agent ${verb.toLowerCase()} ${target.name}?`
          : `Refuse to ${verb.toLowerCase()} ${target.name}?`
      }
      action={isApproval ? `Let it ${verb.toLowerCase()}` : 'Refuse'}
      isDestructive={isApproval}
      mutation={decideConfirmationMutation(id, decision)}
    >
      {isApproval ? (
        <Details confirmation={confirmation} />
      ) : (
        'The agent is told, and cannot ask for the same again for a quarter of an hour.'
      )}
    </ConfirmButton>
  )
}

/** Exactly what the yes is for. */
function Details({ confirmation }: { confirmation: Confirmation }) {
  const now = useNow()
  const { expiresAt, input, principal, target } = confirmation
  return (
    <Stack gap="sm">
      <Facts
        items={[
          { term: 'Agent', value: nameAsker(confirmation) },
          { term: 'As', value: principal },
          { term: 'Instance', value: target.instance },
          { term: 'Namespace', value: target.namespace },
          { term: 'Deployment', value: `${target.name} (${target.uid})` },
          { term: 'Ends', value: describeEnd(expiresAt, now) },
        ]}
      />
      {input !== null && (
        <CodeBlock label="With" language="json" text={JSON.stringify(input, null, 2)} />
      )}
      <Text size="sm">
        It holds once, for exactly this, and for a quarter of an hour. What is gone does not come
        back.
      </Text>
    </Stack>
  )
}

function nameAsker({ via }: Confirmation): string {
  return via === null ? 'A program with a token' : nameAgent(via)
}
