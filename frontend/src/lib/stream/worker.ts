import { followEventSource } from './event-source.ts'
import { announcePresence, watchPresence } from './presence.ts'
import { createStreamBroker } from './broker.ts'
import type { TabMessage, WorkerMessage } from './messages.ts'

// The entry of the SharedWorker, a file of its own: what it imports must stay small, and knows nothing of the contract.
const broker = createStreamBroker({
  follow: followEventSource,
  watchPresence,
  now: () => performance.now(),
})
const presence = announcePresence()

globalThis.addEventListener('connect', (event) => {
  // Within a SharedWorker every "connect" carries the port of one tab (WHATWG HTML §10.2.6.3).
  const port = (event as MessageEvent).ports[0]!
  port.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
    broker.receive(port, data)
    if (data.kind !== 'join') return
    void presence.then(({ name }) => {
      const joined: WorkerMessage = { kind: 'joined', presence: name }
      port.postMessage(joined)
    })
  })
  port.start()
})
