/** A model that sends so much as one event sends garbage. */
const eventLengthMax = 1024 * 1024

/**
 * The data of server-sent events, as they come (WHATWG HTML §9.2). What comes after the last complete one is left out.
 * Throws a RangeError where one has no end.
 */
export async function* splitEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/)
    rest = lines.pop()!
    if (rest.length > eventLengthMax) throw new RangeError('an event has no end')
    // Every engine sends one line of data for each event.
    for (const line of lines) {
      if (line.startsWith('data:')) yield line.slice('data:'.length).trim()
    }
  }
}
