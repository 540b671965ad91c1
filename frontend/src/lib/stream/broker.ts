import type { EventSourceEvents, EventsListener } from './event-source.ts'
import type { TabMessage, WorkerMessage } from './messages.ts'

export type BrokerDeps = {
  follow: (url: string, listener: EventsListener) => EventSourceEvents
  watchPresence: (name: string | null, onEnd: () => void) => () => void
}

/** What the broker needs of a MessagePort. */
export interface TabPort {
  postMessage: (message: WorkerMessage) => void
  close: () => void
}

interface Tab {
  port: TabPort
  /** Whether it was told of an open stream: only then can it have missed nothing before the stream came back. */
  hasFollowed: boolean
  stopWatching: () => void
}

interface Shared {
  url: string
  person: string
  source: EventSourceEvents
  state: 'connecting' | 'open' | 'lost'
  tabs: Map<TabPort, Tab>
}

/**
 * Leads one stream to all tabs of one person. It keeps no event and replays none: a tab reads its lists by itself, and
 * somebody else's tab ends the stream before it gets a new one.
 */
export function createStreamBroker({ follow, watchPresence }: BrokerDeps) {
  let shared: Shared | null = null

  const open = (url: string, person: string): Shared => {
    const tellAll = (message: WorkerMessage) => {
      for (const { port } of opened.tabs.values()) port.postMessage(message)
    }
    const source = follow(url, {
      onOpen: (resumed) => {
        opened.state = 'open'
        for (const tab of opened.tabs.values()) tellOpen(tab, resumed)
      },
      onLost: () => {
        opened.state = 'lost'
        tellAll({ kind: 'lost' })
      },
      onEvent: (type, data) => tellAll({ kind: 'event', type, data }),
      onRefused: () => end(opened),
    })
    const opened: Shared = { url, person, source, state: 'connecting', tabs: new Map() }
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
    const { url, person, types, presence } = message
    leave(port)
    if (shared && (shared.person !== person || shared.url !== url)) end(shared)
    shared ??= open(url, person)
    shared.source.listenTo(types)
    const stopWatching = watchPresence(presence, () => {
      leave(port)
      port.close()
    })
    const tab: Tab = { port, hasFollowed: false, stopWatching }
    shared.tabs.set(port, tab)
    if (shared.state === 'open') tellOpen(tab, false)
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
  port.postMessage({ kind: 'open', resumed: resumed && tab.hasFollowed })
  tab.hasFollowed = true
}
