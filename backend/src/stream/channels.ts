import type { Fleet, FleetChange, Visibility } from '#fleet'
import type { Instances } from '#clusters'
import type { Timing } from '#kube'
import type { Channel, Reader } from './channel.ts'
import { createDelivery, hasEnded, type Delivery } from './deliver.ts'
import { createGathering } from './gathering.ts'
import { pendingMax, putLast } from './pending.ts'
import { isVisible, keyOf, type Format } from './stream-events.ts'
import { createSeenNews } from './tell-seen.ts'

/** Who reads, by what they may see. */
export type Channels = {
  readers(): Iterable<Reader>
  /** The channel of who may see this, to which nothing waits that happened before. */
  join(visibility: Visibility): Channel
  leave(reader: Reader): void
  /** To the channel of what the reader may see now, with a `reset` where that is something else. */
  move(reader: Reader): void
  flush: Delivery['flush']
  formatAll: Delivery['formatAll']
  /** How long changes are gathered. */
  gatheringMs(): number
}

export type ChannelsOptions = {
  fleet: Pick<Fleet, 'subscribe' | 'onSeen' | 'visibilityOf'>
  instances: Pick<Instances, 'resting'>
  format: Format
  timing: Timing
  follow: () => () => void
}

/** `follow` is called when somebody begins to read, and what it returns when nobody does any more. */
export function createChannels(options: ChannelsOptions): Channels {
  const { fleet, format, instances, timing } = options
  const channels = new Map<Visibility, Channel>()
  let unsubscribe: (() => void) | null = null
  let resting = ''

  const { flush, formatAll, moveAll } = createDelivery({ format, move: (reader) => move(reader) })
  const gathering = createGathering(timing, () => {
    for (const channel of channels.values()) flush(channel)
  })

  const seenNews = createSeenNews({
    timing,
    channels: () => [...channels.values()].filter(isCurrent),
  })

  const onChange = (change: FleetChange) => {
    if (change.type === 'instance') followResting()
    let key: string | null = null
    for (const channel of channels.values()) {
      if (channel.needsReset || !isVisible(channel.visibility, change)) continue
      key ??= keyOf(change)
      putChange(channel, key, change)
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
    const stops = [fleet.subscribe(onChange), fleet.onSeen(seenNews.add), options.follow()]
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
    seenNews.cancel()
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

function putChange(channel: Channel, key: string, change: FleetChange): void {
  if (change.type === 'reset') channel.needsReset = true
  else putLast(channel.pending, key, change)
  if (channel.pending.size > pendingMax) channel.needsReset = true
  if (channel.needsReset) channel.pending = new Map()
}

/** Whether its rights are those of now. */
function isCurrent({ readers, visibility }: Channel): boolean {
  const [anyone] = readers
  return anyone !== undefined && !hasEnded(visibility, anyone.ctx)
}
