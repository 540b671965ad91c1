import { isConcerned, type RequestContext } from '#context'
import type { Instances } from '#clusters'
import type { Change } from '#db'
import type { Fleet } from '#fleet'
import { systemTiming, type Timing } from '#kube'
import { limitPlaces } from '#operation'
import { hubWide, isAllowed, unauthenticated } from '#rbac'
import type { Reader } from './channel.ts'
import { createChannels } from './channels.ts'
import { startReader, type ReaderDeps } from './reader.ts'
import { createFormat, type FormatDeps } from './stream-events.ts'

export type StreamDeps = FormatDeps & {
  instances: Pick<Instances, 'find' | 'resting'>
  fleet: Pick<Fleet, 'subscribe' | 'onSeen' | 'since' | 'visibilityOf'>
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
  /** Where the stream of the caller stands: what changes from now on follows the `lastEventId` that this is. */
  position(ctx: RequestContext): string
}

const bufferBytes = 256 * 1024
const streamsPerPersonMax = 8

export function createStreams(deps: StreamDeps): Streams {
  const { ending, fleet, instances, timing = systemTiming } = deps
  const format = createFormat(deps)
  const takePlace = limitPlaces({
    most: streamsPerPersonMax,
    detail: `You have ${streamsPerPersonMax} event streams open already. Close a tab of the portal or another client, then try again.`,
  })

  const onAccessChange = (change: Change) => {
    for (const reader of channels.readers()) {
      if (isConcerned(reader.ctx.actor, change)) reader.reauthenticate()
      if (seesRequests(reader, change)) reader.outbox.tellOfRequests()
    }
  }
  const channels = createChannels({
    fleet,
    instances,
    format,
    timing,
    follow: () => deps.onAccessChange?.(onAccessChange) ?? (() => {}),
  })
  const readerDeps: ReaderDeps = {
    fleet,
    channels,
    format,
    timing,
    reauthenticate: deps.reauthenticate,
    reauthenticateMs: deps.reauthenticateMs ?? 30_000,
    ending,
  }
  ending?.addEventListener('abort', () => {
    for (const reader of channels.readers()) reader.leave()
  })

  return {
    position: (ctx) => format.positionOf(fleet.visibilityOf(ctx)),
    open: (ctx, lastEventId) => {
      if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
      const onEnd = takePlace(ctx)
      let reader: ReturnType<typeof startReader> | null = null
      return new ReadableStream<Uint8Array>(
        {
          start: (controller) => {
            reader = startReader(readerDeps, ctx, controller, { lastEventId, onEnd })
          },
          pull: () => reader?.flush(),
          cancel: () => reader?.end(),
        },
        new ByteLengthQueuingStrategy({ highWaterMark: bufferBytes }),
      )
    },
  }
}

/** What became of a request is news to who made it and to who decides. */
function seesRequests({ ctx }: Pick<Reader, 'ctx'>, { subject, topic }: Change): boolean {
  return (
    topic === 'all' ||
    (topic === 'access-request' &&
      ((ctx.actor.type === 'user' && ctx.actor.userId === subject) ||
        isAllowed(ctx, 'grant.manage', hubWide)))
  )
}
