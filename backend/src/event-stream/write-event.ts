/** Of server-sent events (WHATWG HTML §9.2). */
export const eventStream = 'text/event-stream'

/** A comment: it tells that the stream goes on, for proxies end what is silent for long. */
export const beat = ':\n\n'

/** One event; what JSON writes has no line breaks of its own. */
export function writeEvent(type: string, json: string): string {
  return `event: ${type}\ndata: ${json}\n\n`
}

/** Whether a content type is that of server-sent events, whatever its parameters. */
export function isEventStream(contentType: string | undefined): boolean {
  return contentType?.startsWith(eventStream) === true
}
