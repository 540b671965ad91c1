import type { RequestContext } from '#context'
import type { FleetChange, Visibility } from '#fleet'
import type { Channel, Reader } from './channel.ts'
import { isVisible, type Format } from './stream-events.ts'

/** Brings what waits in a channel to its readers. */
export type Delivery = {
  flush(channel: Channel): void
  /** Rights changed: what waited is sent by the new ones alone. */
  moveAll(channel: Channel): void
  formatAll(
    reader: Pick<Reader, 'channel' | 'ctx'>,
    changes: Iterable<readonly [string, FleetChange]>,
  ): Uint8Array
}

export function createDelivery({
  format,
  move,
}: {
  format: Format
  /** To the channel of what the reader may see now. */
  move: (reader: Reader) => void
}): Delivery {
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
    channel.pending = new Map()
    let chunk: Uint8Array | null = null
    for (const reader of readers) {
      chunk ??= formatAll(reader, pending)
      if (chunk.byteLength > 0 && !reader.outbox.tryWrite(chunk)) reader.outbox.queue(pending)
    }
  }

  const moveAll = (channel: Channel) => {
    const changes = channel.needsReset ? null : [...channel.pending]
    channel.pending = new Map()
    channel.needsReset = false
    for (const reader of channel.readers) {
      move(reader)
      const { visibility } = reader.channel
      if (changes)
        reader.outbox.queue(changes.filter(([, change]) => isVisible(visibility, change)))
      else reader.outbox.reset()
    }
  }

  const formatAll: Delivery['formatAll'] = ({ channel, ctx }, changes) => {
    const parts: Uint8Array[] = []
    for (const [, change] of changes) parts.push(...format.change(ctx, channel.visibility, change))
    return Buffer.concat(parts)
  }

  return { flush, moveAll, formatAll }
}

/** Whether these are rights of before: a grant ended. */
export function hasEnded(
  { validUntil }: Visibility,
  { now }: Pick<RequestContext, 'now'>,
): boolean {
  return now().getTime() >= validUntil
}
