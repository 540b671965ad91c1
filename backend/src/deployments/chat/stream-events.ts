import type { ChatEvent } from '@hub/shared'
import { beat, writeEvent } from '#event-stream'
import { sleep, type Timing } from '#kube'

const beatMs = 15_000

/**
 * Events as bytes, as fast as they are read; while none comes, a comment now and then tells that it goes on. `onLeft` is
 * told where the reader goes, `onEnd` however it ends.
 */
export function streamEvents(
  events: AsyncGenerator<ChatEvent>,
  { onEnd, onLeft, timing }: { onLeft: () => void; onEnd: () => void; timing: Timing },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let pending: Promise<IteratorResult<ChatEvent, unknown>> | null = null
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pending ??= events.next()
        const came = new AbortController()
        const silence = sleep(timing, beatMs, came.signal)
        const next = await Promise.race([pending, silence]).finally(() => came.abort())
        if (!next) return controller.enqueue(encoder.encode(beat))
        pending = null
        if (!next.done) return controller.enqueue(encoder.encode(write(next.value)))
        onEnd()
        return controller.close()
      },
      async cancel() {
        onLeft()
        await events.return(undefined)
        onEnd()
      },
    },
    { highWaterMark: 0 },
  )
}

function write({ type, ...data }: ChatEvent): string {
  return writeEvent(type, JSON.stringify(data))
}
