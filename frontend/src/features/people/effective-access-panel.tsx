import { Autocomplete, Select, Skeleton, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import {
  InstanceId,
  NamespaceName,
  Permission,
  type AccessDecision,
  type EffectiveAccess,
  type GrantOrigin,
} from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import rows from '../../components/rows.module.css'
import { permissionLabels } from '../../lib/access/words.ts'
import type { Holder } from '../../lib/api/admin-client.ts'
import { describeGrant } from './people-words.ts'
import { effectiveAccessQuery } from './queries.ts'
import classes from './people.module.css'

/** A place and a permission to ask about, as the address has them. */
export interface PlaceSearch {
  instance?: string
  namespace?: string
  permission?: Permission
}

export interface EffectiveAccessPanelProps {
  holder: Holder
  instances: readonly string[]
  place: PlaceSearch
  onPlace: (place: PlaceSearch) => void
}

const askAfterMs = 400

/** Whether somebody may do something somewhere, because of which role, and why the other roles do not count. */
export function EffectiveAccessPanel(props: EffectiveAccessPanelProps) {
  const { holder, place } = props
  const access = useQuery(effectiveAccessQuery({ ...holder, ...place }))
  return (
    <Panel title="May they, and why?">
      <Place {...props} />
      {access.isPending ? (
        <Skeleton height={120} aria-hidden />
      ) : access.data === undefined ? (
        <ProblemMessage
          error={access.error}
          title="This could not be worked out"
          order={3}
          onRetry={() => void access.refetch()}
        />
      ) : (
        <Answer access={access.data} isWaiting={access.isPlaceholderData} />
      )}
    </Panel>
  )
}

/** While one of them is being typed, the fields are ahead of the address, which follows. */
function Place({ instances, place, onPlace }: EffectiveAccessPanelProps) {
  const [typed, setTyped] = useState<{ instance: string; namespace: string } | null>(null)
  const { instance, namespace } = typed ?? {
    instance: place.instance ?? '',
    namespace: place.namespace ?? '',
  }
  const isInstance = instance === '' || InstanceId.safeParse(instance.trim()).success
  const isNamespace = namespace === '' || NamespaceName.safeParse(namespace.trim()).success
  const ask = useDebouncedCallback(
    (at: { instance: string; namespace: string }) => {
      const { permission } = place
      const next = readPlace(at)
      if (next) onPlace({ ...next, ...(permission && { permission }) })
    },
    { delay: askAfterMs },
  )
  const type = (at: { instance: string; namespace: string }) => {
    setTyped(at)
    ask(at)
  }
  const leave = () => {
    ask.flush()
    setTyped(null)
  }
  return (
    <div className={classes.place}>
      <Autocomplete
        label="Instance"
        placeholder="The whole hub"
        spellCheck={false}
        autoCapitalize="off"
        data={[...instances]}
        value={instance}
        error={isInstance ? null : 'This is no name of an instance.'}
        onChange={(value) => type({ instance: value, namespace })}
        onBlur={leave}
      />
      <TextInput
        label="Namespace"
        placeholder={instance === '' ? 'Choose an instance first' : 'None in particular'}
        spellCheck={false}
        autoCapitalize="off"
        disabled={instance === ''}
        value={namespace}
        error={isNamespace ? null : 'This is no name of a namespace.'}
        onChange={(event) => type({ instance, namespace: event.currentTarget.value })}
        onBlur={leave}
      />
      <Select
        label="To do what"
        placeholder="Everything"
        clearable
        clearButtonProps={{ 'aria-label': 'Ask about everything' }}
        data={Permission.options.map((each) => ({ value: each, label: permissionLabels[each] }))}
        value={place.permission ?? null}
        onChange={(value) => {
          const { permission: _, ...rest } = place
          const permission = Permission.safeParse(value)
          onPlace(permission.success ? { ...rest, permission: permission.data } : rest)
        }}
      />
    </div>
  )
}

/** Null for what is no name: it stays where it is typed. */
function readPlace(typed: { instance: string; namespace: string }): PlaceSearch | null {
  const instance = typed.instance.trim()
  const namespace = typed.namespace.trim()
  if (instance === '') return {}
  if (!InstanceId.safeParse(instance).success) return null
  if (namespace === '') return { instance }
  return NamespaceName.safeParse(namespace).success ? { instance, namespace } : null
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
          <Decision key={decision.permission} decision={decision} grants={byId} />
        ))}
      </div>
    </div>
  )
}

/** Those that are about no instance. */
function isHubWide(permission: Permission): boolean {
  return permission.endsWith('.manage') || permission === 'audit.view'
}

function Decision({
  decision: { grants: counting, isAllowed, isClusterAsked, others, permission },
  grants,
}: {
  decision: AccessDecision
  grants: ReadonlyMap<string, GrantOrigin>
}) {
  const name = (id: string) => {
    const grant = grants.get(id)
    return grant ? describeGrant(grant) : 'A role'
  }
  const rest = others.map(({ grant, reason: why }) => (
    <li key={grant}>
      {name(grant)}: {why.replace(permission, 'this')}
    </li>
  ))
  return (
    <div className={classes.decision}>
      <span>
        <StatusBadge tone={isAllowed ? 'good' : 'neutral'} label={isAllowed ? 'Yes' : 'No'} />
      </span>
      <div className={classes.words}>
        <span className={rows.strong}>{permissionLabels[permission]}</span>
        {isAllowed && (
          <ul className={classes.because}>
            {counting.map((id) => (
              <li key={id}>{name(id)}</li>
            ))}
          </ul>
        )}
        {isClusterAsked && (
          <Text size="xs" c="dimmed">
            The cluster’s own RBAC applies as well.
          </Text>
        )}
        {!isAllowed && rest.length > 0 && <ul className={classes.because}>{rest}</ul>}
        {isAllowed && rest.length > 0 && (
          <details className={classes.others}>
            <summary>
              {rest.length === 1 ? '1 other role does' : `${rest.length} other roles do`} not count
              here
            </summary>
            <ul className={classes.because}>{rest}</ul>
          </details>
        )}
      </div>
    </div>
  )
}
