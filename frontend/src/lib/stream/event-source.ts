/** One way to `/api/stream`, from its first connection until it is refused or closed. */
export interface EventsListener {
  /** `resumed` is false where the server cannot know what this reader has missed. */
  onOpen: (resumed: boolean) => void
  /** The connection is gone, and comes back by itself. */
  onLost: () => void
  onEvent: (type: string, data: string) => void
  /** Nothing follows: the server did not take the stream. */
  onRefused: () => void
}

export interface Events {
  close: () => void
}

export interface EventSourceEvents extends Events {
  /** Also hears events of these types; an EventSource passes over those nobody named. */
  listenTo: (types: readonly string[]) => void
}

/** `since` is where it begins: what changed from there on follows. Null for a stream of what changes from now on. */
export function followEventSource(
  { since, url }: { url: string; since: string | null },
  listener: EventsListener,
): EventSourceEvents {
  const source = new EventSource(since === null ? url : `${url}?${new URLSearchParams({ since })}`)
  const heard = new Set<string>()
  let opened = 0
  source.addEventListener('open', () => {
    opened += 1
    // An EventSource that comes back by itself says the last id it got, and the server begins each stream with one.
    listener.onOpen(opened > 1 || since !== null)
  })
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) listener.onRefused()
    else listener.onLost()
  })
  return {
    listenTo: (types) => {
      for (const type of types) {
        if (heard.has(type)) continue
        heard.add(type)
        source.addEventListener(type, ({ data }: MessageEvent<string>) => {
          listener.onEvent(type, data)
        })
      }
    },
    close: () => source.close(),
  }
}
