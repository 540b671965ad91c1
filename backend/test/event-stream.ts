import { StreamEvent } from '@hub/shared'

/** Reads `/api/stream` as a browser's EventSource does; `close` ends the request. */
export function readEvents(response: Response) {
  const events: StreamEvent[] = []
  const reader = response.body!.getReader()
  const done = (async () => {
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const { done: isDone, value } = await reader.read()
      if (isDone) return
      text += decoder.decode(value, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => line.split(/: ?(.*)/s) as [string, string]),
        )
        const data = fields.get('data')
        if (data === undefined) continue
        events.push(StreamEvent.parse({ type: fields.get('event'), ...JSON.parse(data) }))
      }
    }
  })()
  return {
    events,
    /** Resolves when the hub ends it. */
    ended: done,
    async close() {
      await reader.cancel()
      await done
    },
  }
}
