import { createHash } from 'node:crypto'
import type { StreamEvent } from '@hub/shared'
import type { RequestContext } from '#context'
import { presentInstance, type Instances } from '#instances'
import { systemTiming, type Timing } from '#kube'
import { isAllowed, unauthenticated } from '#rbac'
import type { FleetChange } from './change-log.ts'
import type { Fleet } from './create-fleet.ts'
import { presentAbilities } from './visibility.ts'

export type StreamDeps = {
  instances: Pick<Instances, 'find'>
  fleet: Pick<Fleet, 'subscribe' | 'position' | 'since' | 'describeInstance'>
  /** The same session with its rights as of now; null when it ended. */
  reauthenticate: (ctx: RequestContext) => Promise<RequestContext | null>
  timing?: Timing
  reauthenticateMs?: number
}

const coalesceMs = 50
const heartbeatMs = 15_000
const retryMs = 3_000
/** More than this waiting for a reader is dropped for one `reset`. */
const pendingMax = 1_000
const bufferBytes = 256 * 1024
/** A reader that takes nothing for so long is gone, whatever its connection says. */
const stalledMsMax = 60_000

/**
 * Server-sent events of what the caller may see, from now or from `lastEventId` on. It ends with the request, with the
 * session, and when a reader stops reading; losing a grant resets it. Throws `unauthenticated`.
 */
export function openStream(
  ctx: RequestContext,
  deps: StreamDeps,
  lastEventId: string | null,
): ReadableStream<Uint8Array> {
  if (ctx.actor.type === 'anonymous') throw unauthenticated()
  let reader: ReturnType<typeof createReader> | null = null
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        reader = createReader(ctx, deps, controller, lastEventId)
      },
      pull: () => reader?.flush(),
      cancel: () => reader?.end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferBytes }),
  )
}

function createReader(
  opened: RequestContext,
  deps: StreamDeps,
  controller: ReadableStreamDefaultController<Uint8Array>,
  lastEventId: string | null,
) {
  const { fleet, timing = systemTiming } = deps
  const encoder = new TextEncoder()
  const timers = new Set<unknown>()
  /** By object, in the order of their latest change: what is sent up to an id is all that happened up to it. */
  const pending = new Map<string, FleetChange>()
  let ctx = opened
  let fingerprint = fingerprintOf(ctx)
  let needsReset = false
  let flushTimer: unknown = null
  let stalledSince: number | null = null
  let ended = false

  const later = (ms: number, run: () => void) => {
    const timer = timing.setTimeout(() => {
      timers.delete(timer)
      if (!ended) run()
    }, ms)
    timers.add(timer)
    return timer
  }

  const end = (error?: Error) => {
    if (ended) return
    ended = true
    unsubscribe()
    opened.signal.removeEventListener('abort', onAbort)
    for (const timer of timers) timing.clearTimeout(timer)
    timers.clear()
    pending.clear()
    try {
      if (error) controller.error(error)
      else controller.close()
    } catch {
      // The reader cancelled it first.
    }
  }
  const onAbort = () => end()

  const isFull = () => (controller.desiredSize ?? 0) <= 0
  const write = (text: string) => controller.enqueue(encoder.encode(text))
  const eventId = (seq?: number) => `${fleet.position(seq)}.${fingerprint}`

  const flush = () => {
    if (ended) return
    if (isFull()) {
      stalledSince ??= timing.now()
      return
    }
    stalledSince = null
    if (needsReset) {
      needsReset = false
      pending.clear()
      return write(formatEvent({ type: 'reset' }, eventId()))
    }
    if (pending.size === 0) return
    let text = ''
    for (const change of pending.values()) {
      const data = present(ctx, deps, change)
      if (data) text += `id: ${eventId(change.seq)}\nevent: ${data.event}\ndata: ${data.json}\n\n`
    }
    pending.clear()
    if (text !== '') write(text)
  }

  const scheduleFlush = () => {
    flushTimer ??= later(coalesceMs, () => {
      flushTimer = null
      flush()
    })
  }

  const reset = () => {
    needsReset = true
    pending.clear()
    scheduleFlush()
  }

  const offer = (change: FleetChange) => {
    if (needsReset || !isVisible(ctx, change)) return
    if (change.type === 'reset') return reset()
    const key = keyOf(change)
    pending.delete(key)
    pending.set(key, change)
    if (pending.size > pendingMax) reset()
    else scheduleFlush()
  }

  const heartbeat = () => {
    if (stalledSince !== null && timing.now() - stalledSince >= stalledMsMax) {
      return end(new Error('The reader of the stream stopped reading.'))
    }
    if (isFull()) stalledSince ??= timing.now()
    // The id moves on through what this reader may not see, so that coming back does not need a reset.
    else if (pending.size === 0 && !needsReset) write(`:\nid: ${eventId()}\n\n`)
    later(heartbeatMs, heartbeat)
  }

  const reauthenticate = async () => {
    try {
      const fresh = await deps.reauthenticate(ctx)
      if (ended) return
      if (fresh === null) return end()
      ctx = fresh
      const now = fingerprintOf(fresh)
      if (now !== fingerprint) {
        fingerprint = now
        reset()
      }
    } catch (error) {
      // Nobody can say any more that the caller may see this.
      opened.log.warn({ error }, 'a stream was ended: its session could not be checked')
      return end()
    }
    scheduleReauthentication()
  }
  const scheduleReauthentication = () =>
    later(deps.reauthenticateMs ?? 30_000, () => void reauthenticate())

  const resume = () => {
    if (lastEventId === null) return write(`id: ${eventId()}\n\n`)
    const at = lastEventId.lastIndexOf('.')
    const isSameAccess = lastEventId.slice(at + 1) === fingerprint
    const missed = isSameAccess ? fleet.since(lastEventId.slice(0, at)) : null
    if (missed === null) return reset()
    for (const change of missed) offer(change)
    if (pending.size === 0 && !needsReset) write(`id: ${eventId()}\n\n`)
  }

  const unsubscribe = fleet.subscribe(offer)
  write(`retry: ${retryMs}\n\n`)
  resume()
  later(heartbeatMs, heartbeat)
  scheduleReauthentication()
  if (opened.signal.aborted) end()
  else opened.signal.addEventListener('abort', onAbort)
  return { flush, end: () => end() }
}

function isVisible(ctx: RequestContext, change: FleetChange): boolean {
  switch (change.type) {
    case 'upsert': {
      const { instance, namespace } = change.deployment
      return isAllowed(ctx, 'deployment.view', { instance, namespace })
    }
    case 'remove': {
      const { instance, namespace } = change
      return isAllowed(ctx, 'deployment.view', { instance, namespace })
    }
    case 'reset':
      return isAllowed(ctx, 'instance.view', { instance: change.instance, namespace: null })
    case 'instance':
    case 'instance-removed':
      return isAllowed(ctx, 'instance.view', { instance: change.id, namespace: null })
  }
}

/** The event's name and its data as JSON; null where there is nothing the caller may see any more. */
function present(
  ctx: RequestContext,
  deps: StreamDeps,
  change: FleetChange,
): { event: StreamEvent['type']; json: string } | null {
  if (!isVisible(ctx, change)) return null
  switch (change.type) {
    case 'upsert': {
      const abilities = JSON.stringify(presentAbilities(ctx, change.deployment))
      const deployment = `${change.openJson},"abilities":${abilities}}`
      return { event: 'deployment', json: `{"deployment":${deployment}}` }
    }
    case 'remove': {
      const { instance, name, namespace, uid } = change
      return {
        event: 'deployment-removed',
        json: JSON.stringify({ instance, namespace, name, uid }),
      }
    }
    case 'instance': {
      const instance = deps.instances.find(change.id)
      if (!instance) return null
      const facts = deps.fleet.describeInstance(ctx, change.id)
      return {
        event: 'instance',
        json: JSON.stringify({ instance: presentInstance(ctx, instance, facts) }),
      }
    }
    case 'instance-removed':
      return { event: 'instance-removed', json: JSON.stringify({ id: change.id }) }
    case 'reset':
      return { event: 'reset', json: '{}' }
  }
}

function formatEvent({ type, ...data }: StreamEvent, id: string): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

function keyOf(change: FleetChange): string {
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

/** Says whether two contexts see the same, so that a reader does not resume with rights it did not have before. */
function fingerprintOf({ actor }: RequestContext): string {
  const grants =
    actor.type === 'user'
      ? actor.grants.map(({ endsAt, instanceId, namespaces, role }) =>
          JSON.stringify([role, instanceId, namespaces?.toSorted() ?? null, endsAt]),
        )
      : [actor.type]
  return createHash('sha256').update(grants.toSorted().join('\n')).digest('hex').slice(0, 8)
}
