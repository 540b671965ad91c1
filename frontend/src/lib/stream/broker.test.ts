import { expect, test, vi } from 'vitest'
import type { EventsListener } from './event-source.ts'
import { createStreamBroker } from './broker.ts'
import type { WorkerMessage } from './messages.ts'

const url = '/api/stream'

/** A broker whose connections and tabs the test plays. */
function startBroker() {
  const sources: (EventsListener & {
    since: string | null
    types: Set<string>
    closed: boolean
  })[] = []
  const watched = new Map<string, () => void>()
  const clock = { now: 0 }
  const broker = createStreamBroker({
    now: () => clock.now,
    follow: ({ since }, listener) => {
      const source = { ...listener, since, types: new Set<string>(), closed: false }
      sources.push(source)
      return {
        listenTo: (types) => types.forEach((type) => source.types.add(type)),
        close: () => {
          source.closed = true
        },
      }
    },
    watchPresence: (name, onEnd) => {
      watched.set(name!, onEnd)
      return () => watched.delete(name!)
    },
  })
  const openTab = (
    person = 'alice',
    types = ['instance'],
    since: string | null = null,
    readingMs = Infinity,
  ) => {
    const heard: WorkerMessage[] = []
    const presence = `tab-${Math.random()}`
    const port = {
      postMessage: (message: WorkerMessage) => heard.push(message),
      close: vi.fn<() => void>(),
    }
    const join = () =>
      broker.receive(port, { kind: 'join', url, person, types, since, readingMs, presence })
    join()
    return {
      port,
      join,
      leave: () => broker.receive(port, { kind: 'leave' }),
      signOut: () => broker.receive(port, { kind: 'signed-out' }),
      crash: () => watched.get(presence)!(),
      /** What it heard since the last time. */
      hear: () => heard.splice(0),
    }
  }
  return { clock, sources, watched, openTab }
}

test('all tabs of one person hear the same on one connection', () => {
  const { sources, openTab } = startBroker()
  const tabs = [openTab(), openTab(), openTab()]
  sources[0]!.onOpen(false)
  sources[0]!.onEvent('instance', '{"id":"a"}')
  expect(sources).toHaveLength(1)
  for (const tab of tabs) {
    expect(tab.hear()).toEqual([
      { kind: 'open', resumed: false },
      { kind: 'event', type: 'instance', data: '{"id":"a"}' },
    ])
  }
})

test('a tab that comes late is told at once to read its lists, and no event from before', () => {
  const { sources, openTab } = startBroker()
  const early = openTab()
  sources[0]!.onOpen(false)
  sources[0]!.onEvent('instance', 'before')
  early.hear()
  const late = openTab()
  expect(late.hear()).toEqual([{ kind: 'open', resumed: false }])
  expect(early.hear()).toEqual([])
})

test('a stream that begins where a tab began to read has no gap for it, and one for who comes beside it', () => {
  const { sources, openTab } = startBroker()
  const first = openTab('alice', ['instance'], 'here')
  const second = openTab('alice', ['instance'], 'there')
  expect(sources.map(({ since }) => since)).toEqual(['here'])
  sources[0]!.onOpen(true)
  expect(first.hear()).toEqual([{ kind: 'open', resumed: true }])
  expect(second.hear()).toEqual([{ kind: 'open', resumed: false }])
})

test('a tab that read while there was a stream is told what came meanwhile, and reads again where that is not known', () => {
  const { clock, openTab, sources } = startBroker()
  openTab()
  clock.now = 1_000
  sources[0]!.onOpen(false)
  clock.now = 1_500
  sources[0]!.onEvent('instance', 'before')
  clock.now = 5_000
  sources[0]!.onEvent('instance', 'meanwhile')
  clock.now = 5_400
  const late = (readingMs: number) => openTab('alice', ['instance'], 'here', readingMs).hear()
  const opened = (resumed: boolean) => ({ kind: 'open', resumed })
  const event = (data: string) => ({ kind: 'event', type: 'instance', data })
  expect(late(500)).toEqual([opened(true), event('meanwhile')])
  expect(late(3_000)).toEqual([opened(true), event('before'), event('meanwhile')])
  // It began to read when nobody followed.
  expect(late(3_500)).toEqual([opened(false)])
  // What was told so long ago is forgotten.
  clock.now = 12_000
  sources[0]!.onEvent('instance', 'after')
  expect(late(9_400)).toEqual([opened(true), event('meanwhile'), event('after')])
  expect(late(9_600)).toEqual([opened(false)])
})

test('a connection that comes back is no gap for who followed it, and one for who came meanwhile', () => {
  const { sources, openTab } = startBroker()
  const early = openTab()
  sources[0]!.onOpen(false)
  early.hear()
  sources[0]!.onLost()
  const meanwhile = openTab()
  sources[0]!.onOpen(true)
  expect(early.hear()).toEqual([{ kind: 'lost' }, { kind: 'open', resumed: true }])
  expect(meanwhile.hear()).toEqual([{ kind: 'lost' }, { kind: 'open', resumed: false }])
})

test("nothing of one person reaches another's tab: the stream ends before there is a new one", () => {
  const { sources, openTab } = startBroker()
  const alice = openTab('alice')
  sources[0]!.onOpen(false)
  sources[0]!.onEvent('instance', 'for alice')
  alice.hear()
  const bob = openTab('bob')
  expect(sources.map(({ closed }) => closed)).toEqual([true, false])
  expect(alice.hear()).toEqual([{ kind: 'refused' }])
  expect(bob.hear()).toEqual([])
  sources[1]!.onOpen(false)
  sources[1]!.onEvent('instance', 'for bob')
  expect(bob.hear()).toEqual([
    { kind: 'open', resumed: false },
    { kind: 'event', type: 'instance', data: 'for bob' },
  ])
  expect(alice.hear()).toEqual([])
})

test('signing out in one tab ends the stream of all, and a refusal does', () => {
  const { sources, openTab, watched } = startBroker()
  const [leaving, staying] = [openTab(), openTab()]
  leaving.signOut()
  expect(sources[0]!.closed).toBe(true)
  expect(leaving.hear()).toEqual([])
  expect(staying.hear()).toEqual([{ kind: 'refused' }])
  expect(watched.size).toBe(0)

  staying.join()
  sources[1]!.onRefused()
  expect(staying.hear()).toEqual([{ kind: 'refused' }])
  expect(sources.map(({ closed }) => closed)).toEqual([true, true])
})

test('tabs that close or crash leave nothing behind, and the last one ends the connection', () => {
  const { sources, openTab, watched } = startBroker()
  const [closing, crashing, staying] = [openTab(), openTab(), openTab()]
  closing.leave()
  crashing.crash()
  expect(crashing.port.close).toHaveBeenCalledOnce()
  expect(watched.size).toBe(1)
  sources[0]!.onEvent('instance', 'after')
  expect([closing.hear(), crashing.hear()]).toEqual([[], []])
  expect(staying.hear()).toHaveLength(1)
  expect(sources[0]!.closed).toBe(false)
  staying.leave()
  staying.leave()
  expect(sources[0]!.closed).toBe(true)
  expect(watched.size).toBe(0)
  openTab()
  expect(sources).toHaveLength(2)
})

test('joining twice counts once, and types that a newer tab names are heard as well', () => {
  const { sources, openTab } = startBroker()
  const tab = openTab('alice', ['instance'])
  const newer = openTab('alice', ['instance', 'newer-event'])
  expect([...sources[0]!.types]).toEqual(['instance', 'newer-event'])
  tab.join()
  sources[0]!.onEvent('instance', 'once')
  expect(tab.hear()).toHaveLength(1)
  expect(newer.hear()).toHaveLength(1)
})
