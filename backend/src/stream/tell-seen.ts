import type { InstanceSeen } from '#fleet'
import type { Timing } from '#kube'
import type { Channel } from './channel.ts'
import { formatEvent } from './stream-events.ts'

/** Tells which instances were heard of again: now and then, of all since the last time, and made once for all who see the same of them. */
export type SeenNews = {
  add(seen: InstanceSeen): void
  cancel(): void
}

const everyMs = 5_000
const encoder = new TextEncoder()

export function createSeenNews(options: {
  timing: Pick<Timing, 'setTimeout' | 'clearTimeout'>
  /** Those whose rights are as of now. */
  channels: () => Iterable<Channel>
}): SeenNews {
  const { timing } = options
  /** The latest word of each, as JSON. */
  const waiting = new Map<string, string>()
  let timer: unknown = null

  const tell = () => {
    timer = null
    const made = new Map<string, Uint8Array>()
    for (const { readers, visibility } of options.channels()) {
      const seen = [...waiting.keys()].filter((id) => visibility.seesInstance(id))
      if (seen.length === 0) continue
      const key = seen.join(' ')
      let chunk = made.get(key)
      if (!chunk) {
        const items = seen.map((id) => waiting.get(id)).join(',')
        chunk = encoder.encode(formatEvent('instances-seen', `{"instances":[${items}]}`))
        made.set(key, chunk)
      }
      // Who is behind hears the next one.
      for (const { outbox } of readers) outbox.tryWrite(chunk)
    }
    waiting.clear()
  }

  return {
    add: (seen) => {
      waiting.set(seen.id, JSON.stringify(seen))
      timer ??= timing.setTimeout(tell, everyMs)
    },
    cancel: () => {
      timing.clearTimeout(timer)
      timer = null
      waiting.clear()
    },
  }
}
