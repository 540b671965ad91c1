import type { StreamEvent } from '@hub/shared'
import type { Instances } from '#clusters'
import type { RequestContext } from '#context'
import { writeEvent } from '#event-stream'
import type { Fleet, FleetChange, Visibility } from '#fleet'
import { presentInstance, type Closures } from '#instances'

export type FormatDeps = {
  instances: Pick<Instances, 'find'>
  fleet: Pick<Fleet, 'position' | 'describeInstance'>
  closures: Pick<Closures, 'of'>
}

export type Format = ReturnType<typeof createFormat>

/** Changes as server-sent events. What a change says is made once for all who may do the same with it. */
export function createFormat({ closures, fleet, instances }: FormatDeps) {
  const deployments = new WeakMap<FleetChange, Map<string, string>>()

  /** Told once for all who see the change: that it is the same for two of them tells neither anything. */
  const positions = new WeakMap<FleetChange, string>()

  const sealOf = (change: FleetChange) => {
    const known = positions.get(change) ?? fleet.position(change.seq)
    positions.set(change, known)
    return known
  }

  const positionOf = ({ fingerprint }: Visibility, change?: FleetChange) =>
    `${change ? sealOf(change) : fleet.position()}.${fingerprint}`

  const idLine = (visibility: Visibility, change?: FleetChange) =>
    `id: ${positionOf(visibility, change)}\n`

  const formatDeployment = (
    change: Extract<FleetChange, { type: 'upsert' }>,
    tail: string,
  ): string => {
    let byTail = deployments.get(change)
    if (!byTail) deployments.set(change, (byTail = new Map<string, string>()))
    const known = byTail.get(tail)
    if (known !== undefined) return known
    const place = change.isInPlace ? ',"isInPlace":true' : ''
    const made = formatEvent('deployment', `{"deployment":${change.openJson}${tail}${place}}`)
    byTail.set(tail, made)
    return made
  }

  const describe = (
    ctx: RequestContext,
    visibility: Visibility,
    change: FleetChange,
  ): string | null => {
    switch (change.type) {
      case 'upsert': {
        const { instance, namespace } = change.deployment
        const sight = visibility.sight(instance, namespace)
        return sight && formatDeployment(change, sight.tail)
      }
      case 'remove': {
        const { instance, name, namespace, uid } = change
        const data = JSON.stringify({ instance, namespace, name, uid })
        return formatEvent('deployment-removed', data)
      }
      case 'instance': {
        const instance = instances.find(change.id)
        if (!instance) return null
        const facts = {
          ...fleet.describeInstance(ctx, change.id, visibility),
          maintenance: closures.of(change.id),
        }
        const data = JSON.stringify({ instance: presentInstance(ctx, instance, facts) })
        return formatEvent('instance', data)
      }
      case 'instance-removed':
        return formatEvent('instance-removed', JSON.stringify({ id: change.id }))
      case 'reset':
        return formatEvent('reset', '{}')
    }
  }

  return {
    /** The event with its id; empty where there is nothing the caller may see any more. */
    change: (ctx: RequestContext, visibility: Visibility, change: FleetChange): string => {
      if (!isVisible(visibility, change)) return ''
      const event = describe(ctx, visibility, change)
      return event === null ? '' : idLine(visibility, change) + event
    },
    reset: (visibility: Visibility) => idLine(visibility) + formatEvent('reset', '{}'),
    /** Without an id: it is no place in the fleet's changes to come back to. */
    requests: () => formatEvent('access-requests', '{}'),
    /** The id of what has happened last. */
    positionOf: (visibility: Visibility) => positionOf(visibility),
    /** An id alone, which moves on where the reader comes back to. */
    position: (visibility: Visibility) => `${idLine(visibility)}\n`,
  }
}

export function isVisible(visibility: Visibility, change: FleetChange): boolean {
  switch (change.type) {
    case 'upsert': {
      const { instance, namespace } = change.deployment
      return visibility.sight(instance, namespace) !== null
    }
    case 'remove':
      return visibility.sight(change.instance, change.namespace) !== null
    case 'reset':
      return visibility.seesInstance(change.instance)
    case 'instance': {
      const { id, namespaces } = change
      if (!visibility.seesInstance(id)) return false
      return !namespaces || namespaces.some((name) => visibility.sight(id, name) !== null)
    }
    case 'instance-removed':
      return visibility.seesInstance(change.id)
  }
}

/** What of two changes the later one replaces. */
export function keyOf(change: FleetChange): string {
  switch (change.type) {
    case 'upsert': {
      const { instance, name, namespace } = change.deployment
      return `${instance}/${namespace}/${name}`
    }
    case 'remove':
      return `${change.instance}/${change.namespace}/${change.name}`
    case 'reset':
      return `${change.instance}/`
    case 'instance':
    case 'instance-removed':
      return change.id
  }
}

/** Of the hub's own stream. */
export function formatEvent(type: StreamEvent['type'], json: string): string {
  return writeEvent(type, json)
}
