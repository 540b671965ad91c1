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

const encoder = new TextEncoder()

/**
 * Changes as server-sent events. What a change says is made once for all who may do the same with it, as bytes: a hundred
 * readers would otherwise have as many copies of it in memory, to be made bytes of and thrown away.
 */
export function createFormat({ closures, fleet, instances }: FormatDeps) {
  const encodeDeployment = createDeploymentEvents()

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

  const describe = (
    ctx: RequestContext,
    visibility: Visibility,
    change: Exclude<FleetChange, { type: 'upsert' }>,
  ): string | null => {
    switch (change.type) {
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

  const encode = (ctx: RequestContext, visibility: Visibility, change: FleetChange) => {
    if (change.type === 'upsert') {
      const { instance, namespace } = change.deployment
      const sight = visibility.sight(instance, namespace)
      return sight && encodeDeployment(change, sight.tail)
    }
    const event = isVisible(visibility, change) ? describe(ctx, visibility, change) : null
    return event === null ? null : encoder.encode(event)
  }

  return {
    /** The event with its id, in parts; none where there is nothing the caller may see any more. */
    change: (
      ctx: RequestContext,
      visibility: Visibility,
      change: FleetChange,
    ): readonly Uint8Array[] => {
      const event = encode(ctx, visibility, change)
      return event ? [Buffer.from(idLine(visibility, change)), event] : []
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

/** Each once for all who may do the same with it. */
function createDeploymentEvents() {
  const known = new WeakMap<FleetChange, Map<string, Uint8Array>>()
  return (change: Extract<FleetChange, { type: 'upsert' }>, tail: string): Uint8Array => {
    let byTail = known.get(change)
    if (!byTail) known.set(change, (byTail = new Map<string, Uint8Array>()))
    let event = byTail.get(tail)
    if (!event) {
      const place = change.isInPlace ? ',"isInPlace":true' : ''
      const data = `{"deployment":${change.openJson}${tail}${place}}`
      event = encoder.encode(formatEvent('deployment', data))
      byTail.set(tail, event)
    }
    return event
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
