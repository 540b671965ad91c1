import { Skeleton, Text } from '@mantine/core'
import type { EffectiveAccess, Permission } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { Section } from '../../components/section.tsx'
import { AccessDecision } from './access-decision.tsx'
import { PlaceFields, type PlaceFieldsProps } from './place-fields.tsx'
import { effectiveAccessQuery, type Holder } from './queries.ts'

export interface EffectiveAccessPanelProps extends PlaceFieldsProps {
  holder: Holder
}

/** Whether somebody may do something somewhere, because of which role, and why the other roles do not count. */
export function EffectiveAccessPanel({ holder, ...fields }: EffectiveAccessPanelProps) {
  const access = useQuery(effectiveAccessQuery({ ...holder, ...fields.place }))
  return (
    <Section title="What they may do, and why">
      <PlaceFields {...fields} />
      <Loaded
        query={access}
        title="This could not be worked out"
        order={3}
        placeholder={<Skeleton height={120} aria-hidden />}
      >
        {(data) => <Answer access={data} isWaiting={access.isPlaceholderData} />}
      </Loaded>
    </Section>
  )
}

function Answer({ access, isWaiting }: { access: EffectiveAccess; isWaiting: boolean }) {
  const { decisions, holder, instance, namespace } = access
  const byId = new Map(access.grants.map((grant) => [grant.id, grant]))
  // Some permissions are about instances, and the others about the hub.
  const shown =
    decisions.length > 1
      ? decisions.filter(({ permission }) => isHubWide(permission) === (instance === null))
      : decisions
  const where =
    instance === null
      ? 'in the hub as a whole'
      : namespace === null
        ? `on ${instance}`
        : `on ${instance}, in ${namespace}`
  // Whatever is asked for: they are disabled, or there is no such instance.
  const obstacle = shown[0]?.obstacle ?? null
  return (
    <div aria-busy={isWaiting}>
      <Text size="sm" c="dimmed" mb={4} aria-live="polite">
        What {holder.displayName} may do {where}
        {instance === null && '; choose an instance to ask about deployments'}
      </Text>
      {obstacle !== null && <Text size="sm">{obstacle}</Text>}
      <div>
        {shown.map((decision) => (
          <AccessDecision key={decision.permission} decision={decision} grants={byId} />
        ))}
      </div>
    </div>
  )
}

/** Those that are about no instance. */
function isHubWide(permission: Permission): boolean {
  return permission.endsWith('.manage') || permission === 'audit.view'
}
