import type { RequestContext } from '#context'
import type { Fleet, FleetChange } from '#fleet'
import type { Timing } from '#kube'
import type { Reader } from './channel.ts'
import { hasEnded, type Channels } from './channels.ts'
import { createOutbox } from './outbox.ts'
import { recheckSession } from './recheck-session.ts'
import { isVisible, keyOf, type Format } from './stream-events.ts'
import { createTimers } from './timers.ts'

export type ReaderDeps = {
  fleet: Pick<Fleet, 'since' | 'visibilityOf'>
  channels: Channels
  format: Format
  timing: Timing
  /** The same session with its rights as of now; null when it ended. */
  reauthenticate: (ctx: RequestContext) => Promise<RequestContext | null>
  reauthenticateMs: number
  /** Aborts when all streams end. */
  ending: AbortSignal | undefined
}

const heartbeatMs = 15_000
const retryMs = 3_000
/** When the hub ends, its readers come back over this time, so that they do not all ask the others at once. */
const returnMs = { min: 500, max: 5_000 }
/** A reader that takes nothing for so long is gone, whatever its connection says. */
const stalledMsMax = 60_000

/** Begins to write for one reader, until they leave, are gone, or may not read any more. */
export function startReader(
  deps: ReaderDeps,
  opened: RequestContext,
  controller: ReadableStreamDefaultController<Uint8Array>,
  { lastEventId, onEnd }: { lastEventId: string | null; onEnd: () => void },
): { flush: () => void; end: () => void } {
  const { channels, ending, fleet, format, timing } = deps
  const timers = createTimers(timing)

  const end = (error?: Error) => {
    if (timers.hasEnded()) return
    timers.end()
    channels.leave(reader)
    onEnd()
    opened.signal.removeEventListener('abort', onAbort)
    outbox.clear()
    try {
      if (error) controller.error(error)
      else controller.close()
    } catch {
      // The reader cancelled it first.
    }
  }
  const onAbort = () => end()
  const position = () => format.position(reader.channel.visibility)

  const outbox = createOutbox({
    controller,
    timers,
    now: timing.now,
    gatheringMs: channels.gatheringMs,
    renewRights: () => {
      if (hasEnded(reader.channel.visibility, opened)) channels.move(reader)
    },
    words: {
      changes: (changes) =>
        channels.formatAll(
          reader,
          changes.filter(([, change]) => isVisible(reader.channel.visibility, change)),
        ),
      reset: () => format.reset(reader.channel.visibility),
      requests: format.requests,
    },
  })
  const reader: Reader = {
    ctx: opened,
    channel: channels.join(fleet.visibilityOf(opened)),
    outbox,
    reauthenticate: () => recheck(),
    leave: () => {
      if (timers.hasEnded()) return
      const { max, min } = returnMs
      outbox.write(`retry: ${Math.round(min + (max - min) * timing.random())}\n\n`)
      end()
    },
  }

  const heartbeat = () => {
    if (outbox.stalledMs() >= stalledMsMax) {
      return end(new Error('The reader of the stream stopped reading.'))
    }
    channels.flush(reader.channel)
    // The id moves on through what this reader may not see, so that coming back does not need a reset.
    outbox.beat(() => `:\n${position()}`)
    timers.later(heartbeatMs, heartbeat)
  }

  reader.channel.readers.add(reader)
  outbox.write(`retry: ${retryMs}\n\n`)
  resume(deps, reader, lastEventId)
  timers.later(heartbeatMs, heartbeat)
  const recheck = recheckSession({
    everyMs: deps.reauthenticateMs,
    timers,
    ask: () => deps.reauthenticate(reader.ctx),
    onFresh: (fresh) => {
      channels.flush(reader.channel)
      reader.ctx = fresh
      channels.move(reader)
    },
    onEnd: () => end(),
    log: opened.log,
  })
  if (ending?.aborted) reader.leave()
  if (opened.signal.aborted) end()
  else opened.signal.addEventListener('abort', onAbort)
  return { flush: outbox.flush, end: () => end() }
}

/** Tells what a reader who comes back missed; or that they have to read anew. */
function resume(
  { fleet, format }: Pick<ReaderDeps, 'fleet' | 'format'>,
  { channel: { visibility }, outbox }: Reader,
  lastEventId: string | null,
): void {
  const writePosition = () => outbox.write(format.position(visibility))
  if (lastEventId === null) return writePosition()
  const at = lastEventId.lastIndexOf('.')
  const isSameAccess = lastEventId.slice(at + 1) === visibility.fingerprint
  const missed = isSameAccess ? fleet.since(lastEventId.slice(0, at)) : null
  const seen = missed?.filter((change) => isVisible(visibility, change))
  if (!seen || seen.some(({ type }) => type === 'reset')) return outbox.reset()
  // Nobody keeps what was said of access requests meanwhile.
  outbox.tellOfRequests()
  if (seen.length === 0) return writePosition()
  outbox.queue(seen.map((change): [string, FleetChange] => [keyOf(change), change]))
}
