/** One event of a stream of server-sent events. */
export interface ServerEvent {
  type: string
  data: string
}

/** The events of an answer, as they come (server-sent events, WHATWG HTML §9.2). */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += value ?? ''
      const events = rest.split(/\r?\n\r?\n/)
      rest = done ? '' : (events.pop() ?? '')
      for (const event of events) {
        const read = readEvent(event)
        if (read) yield read
      }
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function readEvent(text: string): ServerEvent | null {
  let type = 'message'
  const data: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (field === 'event') type = value
    if (field === 'data') data.push(value)
  }
  return data.length === 0 ? null : { type, data: data.join('\n') }
}
