import type { RequestContext } from '#context'
import type { Fleet, FleetChange, Visibility } from '#fleet'
import type { Instances } from '#clusters'
import type { Timing } from '#kube'
import type { Channel, Reader } from './channel.ts'
import { createGathering } from './gathering.ts'
import { pendingMax, putLast } from './pending.ts'
import { isVisible, keyOf, type Format } from './stream-events.ts'

/** Who reads, by what they may see. */
export type Channels = {
  readers(): Iterable<Reader>
  /** The channel of who may see this, to which nothing waits that happened before. */
  join(visibility: Visibility): Channel
  leave(reader: Reader): void
  /** To the channel of what the reader may see now, with a `reset` where that is something else. */
  move(reader: Reader): void
  flush(channel: Channel): void
  formatAll(
    reader: Pick<Reader, 'channel' | 'ctx'>,
    changes: Iterable<[string, FleetChange]>,
  ): string
  /** How long changes are gathered. */
  gatheringMs(): number
}

const encoder = new TextEncoder()

/** `follow` is called when somebody begins to read, and what it returns when nobody does any more. */
export function createChannels(options: {
  fleet: Pick<Fleet, 'subscribe' | 'visibilityOf'>
  instances: Pick<Instances, 'resting'>
  format: Format
  timing: Timing
  follow: () => () => void
}): Channels {
  const { fleet, format, instances, timing } = options
  const channels = new Map<Visibility, Channel>()
  let unsubscribe: (() => void) | null = null
  let resting = ''

  const gathering = createGathering(timing, () => {
    for (const channel of channels.values()) flush(channel)
  })

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
      gathering.schedule()
    }
  }

  /** An instance that begins or ceases to rest changes what people see, without a change of their grants. */
  const followResting = () => {
    const now = [...instances.resting].toSorted().join(' ')
    if (now === resting) return
    resting = now
    for (const channel of channels.values()) moveAll(channel)
  }

  const flush = (channel: Channel) => {
    const { pending, readers, visibility } = channel
    const [anyone] = readers
    if (!anyone || (pending.size === 0 && !channel.needsReset)) return
    if (hasEnded(visibility, anyone.ctx)) return moveAll(channel)
    if (channel.needsReset) {
      channel.needsReset = false
      for (const { outbox } of readers) outbox.reset()
      return
    }
    const changes = [...pending]
    pending.clear()
    let chunk: Uint8Array | null = null
    for (const reader of readers) {
      chunk ??= encoder.encode(formatAll(reader, changes))
      if (chunk.byteLength > 0 && !reader.outbox.tryWrite(chunk)) reader.outbox.queue(changes)
    }
  }

  /** Rights changed: what waited is sent by the new ones alone. */
  const moveAll = (channel: Channel) => {
    const changes = channel.needsReset ? null : [...channel.pending]
    channel.pending.clear()
    channel.needsReset = false
    for (const reader of channel.readers) {
      move(reader)
      const { visibility } = reader.channel
      if (changes)
        reader.outbox.queue(changes.filter(([, change]) => isVisible(visibility, change)))
      else reader.outbox.reset()
    }
  }

  const formatAll: Channels['formatAll'] = ({ channel, ctx }, changes) => {
    let text = ''
    for (const [, change] of changes) text += format.change(ctx, channel.visibility, change)
    return text
  }

  const join = (visibility: Visibility): Channel => {
    let channel = channels.get(visibility)
    // What waits there happened before the newcomer looked.
    if (channel) flush(channel)
    channel = channels.get(visibility)
    if (!channel) {
      channel = { visibility, readers: new Set(), pending: new Map(), needsReset: false }
      channels.set(visibility, channel)
    }
    unsubscribe ??= follow()
    return channel
  }

  const follow = () => {
    const stops = [fleet.subscribe(onChange), options.follow()]
    return () => {
      for (const stop of stops) stop()
    }
  }

  const leave = (reader: Reader) => {
    const { channel } = reader
    channel.readers.delete(reader)
    if (channel.readers.size === 0) channels.delete(channel.visibility)
    if (channels.size > 0) return
    unsubscribe?.()
    unsubscribe = null
    gathering.cancel()
  }

  const move = (reader: Reader) => {
    const visibility = fleet.visibilityOf(reader.ctx)
    const previous = reader.channel.visibility
    if (previous === visibility) return
    const next = join(visibility)
    next.readers.add(reader)
    leave(reader)
    reader.channel = next
    if (previous.fingerprint !== visibility.fingerprint) reader.outbox.reset()
  }

  return {
    readers: function* () {
      for (const { readers } of channels.values()) yield* readers
    },
    join,
    leave,
    move,
    flush,
    formatAll,
    gatheringMs: gathering.ms,
  }
}

/** Whether these are rights of before: a grant ended. */
export function hasEnded(
  { validUntil }: Visibility,
  { now }: Pick<RequestContext, 'now'>,
): boolean {
  return now().getTime() >= validUntil
}
