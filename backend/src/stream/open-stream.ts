import type { Instances } from '#clusters'
import { isCaller, isConcerned, type RequestContext } from '#context'
import type { Change } from '#db'
import { AppError } from '#errors'
import type { Fleet, FleetChange, Visibility } from '#fleet'
import { systemTiming, type Timing } from '#kube'
import { hubWide, isAllowed, unauthenticated } from '#rbac'
import { createFormat, isVisible, keyOf, type FormatDeps } from './stream-events.ts'

export type StreamDeps = FormatDeps & {
  instances: Pick<Instances, 'find' | 'resting'>
  fleet: Pick<Fleet, 'subscribe' | 'since' | 'visibilityOf'>
  /** The same session with its rights as of now; null when it ended. */
  reauthenticate: (ctx: RequestContext) => Promise<RequestContext | null>
  /** Tells of what may change who may read: those concerned are looked at again at once. Returns the way out of it. */
  onAccessChange?: (listener: (change: Change) => void) => () => void
  /** Ends all streams when it aborts: this hub ends, and another one, or the next, goes on. */
  ending?: AbortSignal
  timing?: Timing
  reauthenticateMs?: number
}

export type Streams = {
  /**
   * Server-sent events of what the caller may see, from now or from `lastEventId` on. It ends with the request, with
   * the session, and when a reader stops reading; losing a grant resets it. Throws `unauthenticated`, `too-many-streams`.
   */
  open(ctx: RequestContext, lastEventId: string | null): ReadableStream<Uint8Array>
}

/**
 * Readers who see the same. What changed is decided on, coalesced and turned into bytes once for all of them; a reader
 * that cannot take the bytes keeps a backlog of its own.
 */
type Channel = {
  visibility: Visibility
  readers: Set<Reader>
  /** By object, in the order of their latest change: what is sent up to an id is all that happened up to it. */
  pending: Map<string, FleetChange>
  needsReset: boolean
}

type Reader = {
  ctx: RequestContext
  channel: Channel
  /** Writes a shared chunk if nothing of its own has to go first; else false. */
  tryWrite: (chunk: Uint8Array) => boolean
  queue: (changes: Iterable<[string, FleetChange]>) => void
  reset: () => void
  /** Says once, as soon as there is room, that access requests are others than they were. */
  tellOfRequests: () => void
  flush: () => void
  reauthenticate: () => void
  /** Says when to come back, and ends. */
  leave: () => void
}

/** Changes are gathered for a moment: as long as telling all readers took the last time, so that it takes half a core at most. */
const coalesceMs = { min: 2, max: 250 }
const heartbeatMs = 15_000
const retryMs = 3_000
/** When the hub ends, its readers come back over this time, so that they do not all ask the others at once. */
const returnMs = { min: 500, max: 5_000 }
/** More than this waiting for a reader is dropped for one `reset`. */
const pendingMax = 1_000
const bufferBytes = 256 * 1024
/** A reader that takes nothing for so long is gone, whatever its connection says. */
const stalledMsMax = 60_000
const streamsPerPersonMax = 8

const encoder = new TextEncoder()

export function createStreams(deps: StreamDeps): Streams {
  const { fleet, instances, timing = systemTiming } = deps
  const format = createFormat(deps)
  const channels = new Map<Visibility, Channel>()
  const openByPerson = new Map<string, number>()
  let unsubscribe: (() => void) | null = null
  let flushTimer: unknown = null
  let gatheringMs = coalesceMs.min
  let resting = ''

  const scheduleFlush = () => {
    flushTimer ??= timing.setTimeout(() => {
      flushTimer = null
      const startedAt = timing.now()
      for (const channel of channels.values()) flushChannel(channel)
      // The bytes are written in the microtasks that follow.
      setImmediate(() => {
        gatheringMs = Math.min(coalesceMs.max, Math.max(coalesceMs.min, timing.now() - startedAt))
      })
    }, gatheringMs)
  }

  const onChange = (change: FleetChange) => {
    if (change.type === 'instance') followResting()
    let key: string | null = null
    for (const channel of channels.values()) {
      if (channel.needsReset || !isVisible(channel.visibility, change)) continue
      key ??= keyOf(change)
      if (change.type === 'reset') channel.needsReset = true
      else putLast(channel.pending, key, change)
      if (channel.pending.size > pendingMax) channel.needsReset = true
      if (channel.needsReset) channel.pending.clear()
      scheduleFlush()
    }
  }

  /** An instance that begins or ceases to rest changes what people see, without a change of their grants. */
  const followResting = () => {
    const now = [...instances.resting].toSorted().join(' ')
    if (now === resting) return
    resting = now
    for (const channel of channels.values()) moveReaders(channel)
  }

  const flushChannel = (channel: Channel) => {
    const { pending, readers, visibility } = channel
    const [anyone] = readers
    if (!anyone || (pending.size === 0 && !channel.needsReset)) return
    if (anyone.ctx.now().getTime() >= visibility.validUntil) return moveReaders(channel)
    if (channel.needsReset) {
      channel.needsReset = false
      for (const reader of readers) reader.reset()
      return
    }
    const changes = [...pending]
    pending.clear()
    let chunk: Uint8Array | null = null
    for (const reader of readers) {
      chunk ??= encoder.encode(formatAll(reader, changes))
      if (chunk.byteLength > 0 && !reader.tryWrite(chunk)) reader.queue(changes)
    }
  }

  /** Rights changed: what waited is sent by the new ones alone. */
  const moveReaders = (channel: Channel) => {
    const changes = channel.needsReset ? null : [...channel.pending]
    channel.pending.clear()
    channel.needsReset = false
    for (const reader of channel.readers) {
      changeVisibility(reader, fleet.visibilityOf(reader.ctx))
      if (changes) reader.queue(changes.filter(([, change]) => sees(reader, change)))
      else reader.reset()
    }
  }

  const sees = ({ channel }: Reader, change: FleetChange) => isVisible(channel.visibility, change)

  const formatAll = ({ channel, ctx }: Reader, changes: Iterable<[string, FleetChange]>) => {
    let text = ''
    for (const [, change] of changes) text += format.change(ctx, channel.visibility, change)
    return text
  }

  const join = (visibility: Visibility): Channel => {
    let channel = channels.get(visibility)
    // What waits there happened before the newcomer looked.
    if (channel) flushChannel(channel)
    channel = channels.get(visibility)
    if (!channel) {
      channel = { visibility, readers: new Set(), pending: new Map(), needsReset: false }
      channels.set(visibility, channel)
    }
    unsubscribe ??= follow()
    return channel
  }

  const follow = () => {
    const stops = [fleet.subscribe(onChange), deps.onAccessChange?.(onAccessChange)]
    return () => {
      for (const stop of stops) stop?.()
    }
  }

  const onAccessChange = (change: Change) => {
    for (const channel of channels.values()) {
      for (const reader of channel.readers) {
        if (isConcerned(reader.ctx.actor, change)) reader.reauthenticate()
        if (seesRequests(reader, change)) reader.tellOfRequests()
      }
    }
  }

  /** What became of a request is news to who made it and to who decides. */
  const seesRequests = ({ ctx }: Reader, { subject, topic }: Change) =>
    topic === 'all' ||
    (topic === 'access-request' &&
      ((ctx.actor.type === 'user' && ctx.actor.userId === subject) ||
        isAllowed(ctx, 'grant.manage', hubWide)))

  const leave = (reader: Reader) => {
    const { channel } = reader
    channel.readers.delete(reader)
    if (channel.readers.size === 0) channels.delete(channel.visibility)
    if (channels.size > 0) return
    unsubscribe?.()
    unsubscribe = null
    timing.clearTimeout(flushTimer)
    flushTimer = null
  }

  const changeVisibility = (reader: Reader, visibility: Visibility) => {
    const previous = reader.channel.visibility
    if (previous === visibility) return
    const next = join(visibility)
    next.readers.add(reader)
    leave(reader)
    reader.channel = next
    if (previous.fingerprint !== visibility.fingerprint) reader.reset()
  }

  const createReader = (
    opened: RequestContext,
    controller: ReadableStreamDefaultController<Uint8Array>,
    lastEventId: string | null,
    onEnd: () => void,
  ) => {
    const timers = new Set<unknown>()
    const backlog = new Map<string, FleetChange>()
    let needsReset = false
    let hasRequestNews = false
    let ownFlush: unknown = null
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
      leave(reader)
      onEnd()
      opened.signal.removeEventListener('abort', onAbort)
      for (const timer of timers) timing.clearTimeout(timer)
      timers.clear()
      backlog.clear()
      try {
        if (error) controller.error(error)
        else controller.close()
      } catch {
        // The reader cancelled it first.
      }
    }
    const onAbort = () => end()

    const isFull = () => (controller.desiredSize ?? 0) <= 0
    const write = (text: string) => {
      if (text !== '') controller.enqueue(encoder.encode(text))
    }
    const position = () => format.position(reader.channel.visibility)

    const flush = () => {
      if (ended) return
      if (isFull()) {
        stalledSince ??= timing.now()
        return
      }
      stalledSince = null
      if (needsReset) {
        needsReset = false
        hasRequestNews = false
        backlog.clear()
        return write(format.reset(reader.channel.visibility))
      }
      if (hasRequestNews) {
        hasRequestNews = false
        write(format.requests())
      }
      if (backlog.size === 0) return
      if (opened.now().getTime() >= reader.channel.visibility.validUntil) {
        changeVisibility(reader, fleet.visibilityOf(reader.ctx))
      }
      const changes = [...backlog].filter(([, change]) => sees(reader, change))
      backlog.clear()
      write(formatAll(reader, changes))
    }

    const scheduleOwnFlush = () => {
      ownFlush ??= later(gatheringMs, () => {
        ownFlush = null
        flush()
      })
    }

    const reader: Reader = {
      ctx: opened,
      channel: join(fleet.visibilityOf(opened)),
      tryWrite: (chunk) => {
        if (needsReset || backlog.size > 0 || isFull()) return false
        stalledSince = null
        controller.enqueue(chunk)
        return true
      },
      queue: (changes) => {
        if (ended || needsReset) return
        for (const [key, change] of changes) putLast(backlog, key, change)
        if (backlog.size > pendingMax) reader.reset()
        else if (backlog.size > 0) scheduleOwnFlush()
      },
      reset: () => {
        needsReset = true
        backlog.clear()
        if (!ended) scheduleOwnFlush()
      },
      tellOfRequests: () => {
        hasRequestNews = true
        if (!ended) scheduleOwnFlush()
      },
      flush,
      reauthenticate: () => void reauthenticate(),
      leave: () => {
        if (ended) return
        const { max, min } = returnMs
        write(`retry: ${Math.round(min + (max - min) * timing.random())}\n\n`)
        end()
      },
    }

    const heartbeat = () => {
      if (stalledSince !== null && timing.now() - stalledSince >= stalledMsMax) {
        return end(new Error('The reader of the stream stopped reading.'))
      }
      flushChannel(reader.channel)
      if (isFull()) stalledSince ??= timing.now()
      // The id moves on through what this reader may not see, so that coming back does not need a reset.
      else if (backlog.size === 0 && !needsReset) write(`:\n${position()}`)
      later(heartbeatMs, heartbeat)
    }

    let reauthentication: unknown = null
    let asked = 0
    const reauthenticate = async () => {
      const turn = (asked += 1)
      timing.clearTimeout(reauthentication)
      timers.delete(reauthentication)
      try {
        const fresh = await deps.reauthenticate(reader.ctx)
        if (ended) return
        if (fresh === null) return end()
        // What was read before the latest change may be from before it.
        if (turn !== asked) return
        flushChannel(reader.channel)
        reader.ctx = fresh
        changeVisibility(reader, fleet.visibilityOf(fresh))
      } catch (error) {
        // Nobody can say any more that the caller may see this.
        opened.log.warn({ error }, 'a stream was ended: its session could not be checked')
        return end()
      }
      scheduleReauthentication()
    }
    const scheduleReauthentication = () => {
      reauthentication = later(deps.reauthenticateMs ?? 30_000, () => void reauthenticate())
    }

    const resume = () => {
      if (lastEventId === null) return write(position())
      const at = lastEventId.lastIndexOf('.')
      const isSameAccess = lastEventId.slice(at + 1) === reader.channel.visibility.fingerprint
      const missed = isSameAccess ? fleet.since(lastEventId.slice(0, at)) : null
      const seen = missed?.filter((change) => sees(reader, change))
      if (!seen || seen.some(({ type }) => type === 'reset')) return reader.reset()
      // Nobody keeps what was said of access requests meanwhile.
      reader.tellOfRequests()
      if (seen.length === 0) return write(position())
      reader.queue(seen.map((change) => [keyOf(change), change]))
    }

    reader.channel.readers.add(reader)
    write(`retry: ${retryMs}\n\n`)
    resume()
    later(heartbeatMs, heartbeat)
    scheduleReauthentication()
    if (deps.ending?.aborted) reader.leave()
    if (opened.signal.aborted) end()
    else opened.signal.addEventListener('abort', onAbort)
    return { flush, end: () => end() }
  }

  /** Returns the way to give the place back. */
  const takePlace = ({ actor }: RequestContext): (() => void) => {
    if (actor.type === 'anonymous') throw unauthenticated(actor)
    if (!isCaller(actor)) return () => {}
    const person = actor.principal
    const open = openByPerson.get(person) ?? 0
    if (open >= streamsPerPersonMax) {
      throw new AppError('too-many-streams', {
        detail: `You have ${streamsPerPersonMax} event streams open already. Close a tab of the portal or another client, then try again.`,
        retryAfterSeconds: 30,
      })
    }
    openByPerson.set(person, open + 1)
    return () => {
      const left = (openByPerson.get(person) ?? 1) - 1
      if (left > 0) openByPerson.set(person, left)
      else openByPerson.delete(person)
    }
  }

  deps.ending?.addEventListener('abort', () => {
    for (const channel of channels.values()) {
      for (const reader of channel.readers) reader.leave()
    }
  })

  return {
    open: (ctx, lastEventId) => {
      const leavePlace = takePlace(ctx)
      let reader: ReturnType<typeof createReader> | null = null
      return new ReadableStream<Uint8Array>(
        {
          start: (controller) => {
            reader = createReader(ctx, controller, lastEventId, leavePlace)
          },
          pull: () => reader?.flush(),
          cancel: () => reader?.end(),
        },
        new ByteLengthQueuingStrategy({ highWaterMark: bufferBytes }),
      )
    },
  }
}

function putLast(changes: Map<string, FleetChange>, key: string, change: FleetChange): void {
  changes.delete(key)
  changes.set(key, change)
}
