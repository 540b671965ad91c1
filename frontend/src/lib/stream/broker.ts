import type { EventSourceEvents, followEventSource } from './event-source.ts'
import type { TabMessage, WorkerMessage } from './messages.ts'
import { createRecent } from './recent.ts'

export type BrokerDeps = {
  follow: typeof followEventSource
  watchPresence: (name: string | null, onEnd: () => void) => () => void
  /** In milliseconds. */
  now: () => number
}

/** What the broker needs of a MessagePort. */
export interface TabPort {
  postMessage: (message: WorkerMessage) => void
  close: () => void
}

interface Tab {
  port: TabPort
  /**
   * Whether the stream began where it began to read, or it was told of an open one: only then can it have missed nothing
   * before the stream came, or came back.
   */
  hasFollowed: boolean
  stopWatching: () => void
}

interface Shared {
  url: string
  person: string
  source: EventSourceEvents
  state: 'connecting' | 'open' | 'lost'
  tabs: Map<TabPort, Tab>
  recent: ReturnType<typeof createRecent<Extract<WorkerMessage, { kind: 'event' }>>>
}

/** A tab's message may be under way for so long. */
const underWayMs = 1_000

/**
 * Leads one stream to all tabs of one person. A tab reads its lists by itself; one that comes late is told what was told while
 * it read. Somebody else's tab ends the stream before it gets a new one.
 */
export function createStreamBroker({ follow, now, watchPresence }: BrokerDeps) {
  let shared: Shared | null = null

  const open = (url: string, person: string, since: string | null): Shared => {
    const tellAll = (message: WorkerMessage) => {
      for (const { port } of opened.tabs.values()) port.postMessage(message)
    }
    const source = follow(
      { url, since },
      {
        onOpen: (resumed) => {
          opened.state = 'open'
          if (!resumed) opened.recent.beginAnew()
          for (const tab of opened.tabs.values()) tellOpen(tab, resumed && tab.hasFollowed)
        },
        onLost: () => {
          opened.state = 'lost'
          tellAll({ kind: 'lost' })
        },
        onEvent: (type, data) => {
          const event = { kind: 'event', type, data } as const
          opened.recent.keep(event)
          tellAll(event)
        },
        onRefused: () => end(opened),
      },
    )
    const opened: Shared = {
      url,
      person,
      source,
      state: 'connecting',
      tabs: new Map(),
      recent: createRecent(now),
    }
    return opened
  }

  const end = (ended: Shared) => {
    ended.source.close()
    if (shared === ended) shared = null
    for (const { port, stopWatching } of ended.tabs.values()) {
      stopWatching()
      port.postMessage({ kind: 'refused' })
    }
    ended.tabs.clear()
  }

  const join = (port: TabPort, message: Extract<TabMessage, { kind: 'join' }>) => {
    const { url, person, types, presence, readingMs, since } = message
    leave(port)
    if (shared && (shared.person !== person || shared.url !== url)) end(shared)
    const isFirst = shared === null
    shared ??= open(url, person, since)
    shared.source.listenTo(types)
    const stopWatching = watchPresence(presence, () => {
      leave(port)
      port.close()
    })
    const tab: Tab = { port, hasFollowed: isFirst && since !== null, stopWatching }
    shared.tabs.set(port, tab)
    if (shared.state === 'open') catchUp(tab, shared.recent.ofLast(readingMs + underWayMs))
    if (shared.state === 'lost') port.postMessage({ kind: 'lost' })
  }

  const leave = (port: TabPort) => {
    const tab = shared?.tabs.get(port)
    if (!shared || !tab) return
    tab.stopWatching()
    shared.tabs.delete(port)
    if (shared.tabs.size === 0) end(shared)
  }

  return {
    receive: (port: TabPort, message: TabMessage) => {
      switch (message.kind) {
        case 'join':
          return join(port, message)
        case 'leave':
          return leave(port)
        case 'signed-out':
          leave(port)
          if (shared) end(shared)
      }
    },
  }
}

function tellOpen(tab: Tab, resumed: boolean): void {
  const { port } = tab
  port.postMessage({ kind: 'open', resumed })
  tab.hasFollowed = true
}

/** Tells a tab that comes late that the stream is open, and what was told while it read; null where nobody knows that. */
function catchUp(tab: Tab, missed: readonly WorkerMessage[] | null): void {
  tellOpen(tab, missed !== null)
  const { port } = tab
  for (const message of missed ?? []) port.postMessage(message)
}
