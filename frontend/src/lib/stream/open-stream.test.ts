import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createStreamBroker } from './broker.ts'
import { followEventSource } from './event-source.ts'
import { openStream, parseStreamEvent, type StreamListener } from './open-stream.ts'

describe('parseStreamEvent', () => {
  test('puts the name of the event beside its data', () => {
    expect(parseStreamEvent('instance-removed', '{"id":"prod-east"}')).toEqual({
      type: 'instance-removed',
      id: 'prod-east',
    })
  })

  test.each(['{}', ''])('reads a reset with the data %j', (data) => {
    expect(parseStreamEvent('reset', data)).toEqual({ type: 'reset' })
  })

  test.each([
    ['instance-removed', 'not json'],
    ['instance-removed', 'null'],
    ['something-newer', '{"id":"prod-east"}'],
  ])('passes over %s %s', (type, data) => {
    expect(parseStreamEvent(type, data)).toBeNull()
  })
})

describe('openStream', () => {
  const undo: (() => void)[] = []
  const person = { url: '/api/stream', person: 'oidc:alice', since: null }

  beforeEach(() => {
    PlayedEventSource.all = []
    vi.stubGlobal('EventSource', PlayedEventSource)
    vi.stubGlobal('window', new EventTarget())
  })
  afterEach(() => {
    for (const step of undo.splice(0).toReversed()) step()
    vi.unstubAllGlobals()
  })

  /** A browser with a SharedWorker that answers, or without any. */
  function stubSharing(shares: boolean) {
    if (shares) stubWorker(true)
    else vi.stubGlobal('SharedWorker', undefined)
  }

  /** A SharedWorker with the real broker behind real message ports; with false one that never says a word. */
  function stubWorker(answers: boolean) {
    const broker = createStreamBroker({
      follow: followEventSource,
      watchPresence: () => () => {},
      now: () => 0,
    })
    const made: EventTarget[] = []
    class PlayedWorker extends EventTarget {
      readonly port: MessagePort
      constructor() {
        super()
        made.push(this)
        const { port1, port2 } = new MessageChannel()
        this.port = port1
        undo.push(() => port1.close())
        if (!answers) return
        port2.addEventListener('message', ({ data }) => {
          broker.receive(port2, data)
          if (data.kind === 'join') port2.postMessage({ kind: 'joined', presence: null })
        })
        port2.start()
      }
    }
    vi.stubGlobal('SharedWorker', PlayedWorker)
    return made
  }

  test('has one per tab where a SharedWorker is forbidden', () => {
    function ForbiddenWorker() {
      throw new DOMException('Access to shared workers is denied.', 'SecurityError')
    }
    vi.stubGlobal('SharedWorker', ForbiddenWorker)
    const tabs = [openTab(), openTab()]
    expect(PlayedEventSource.all).toHaveLength(tabs.length)
    for (const source of PlayedEventSource.all) source.open()
    for (const { onOpen } of tabs) expect(onOpen).toHaveBeenCalled()
  })

  function openTab({ again = true, since = null as string | null } = {}) {
    const listener = {
      onEvent: vi.fn<StreamListener['onEvent']>(),
      onState: vi.fn<StreamListener['onState']>(),
      onOpen: vi.fn<StreamListener['onOpen']>(),
      onRefused: vi.fn<StreamListener['onRefused']>(async () => again),
    }
    const stream = openStream({ ...person, since }, listener)
    undo.push(stream.close)
    return { ...listener, stream }
  }

  test.each([
    ['shares one connection among tabs', true],
    ['has one per tab where there is no SharedWorker', false],
  ])('%s', async (_, shares) => {
    stubSharing(shares)
    const tabs = [openTab(), openTab()]
    await vi.waitFor(() => expect(PlayedEventSource.all).toHaveLength(shares ? 1 : 2), {
      timeout: 20_000,
    })
    await vi.waitFor(
      () => {
        for (const source of PlayedEventSource.all) source.open()
        for (const { onOpen } of tabs) expect(onOpen).toHaveBeenCalled()
      },
      { timeout: 20_000 },
    )
    for (const source of PlayedEventSource.all) {
      source.send('instance-removed', '{"id":"prod-east"}')
      source.send('instance-removed', 'not json')
    }
    await vi.waitFor(
      () => {
        for (const { onEvent } of tabs) {
          expect(onEvent.mock.calls).toEqual([[{ type: 'instance-removed', id: 'prod-east' }]])
        }
      },
      { timeout: 20_000 },
    )
  })

  test.each([
    ['the worker', true],
    ['the tab itself', false],
  ])('begins where the page began to read, once, by %s', async (_, shares) => {
    stubSharing(shares)
    const { onOpen, onRefused } = openTab({ since: 'a+b.1' })
    await vi.waitFor(() => expect(PlayedEventSource.all).toHaveLength(1), { timeout: 20_000 })
    expect(PlayedEventSource.all[0]!.url).toBe('/api/stream?since=a%2Bb.1')
    PlayedEventSource.all[0]!.open()
    await vi.waitFor(() => expect(onOpen.mock.calls).toEqual([[true]]), { timeout: 20_000 })
    PlayedEventSource.all[0]!.refuse()
    await vi.waitFor(() => expect(onRefused).toHaveBeenCalledOnce(), { timeout: 20_000 })
    await Promise.resolve()
    window.dispatchEvent(new Event('online'))
    await vi.waitFor(() => expect(PlayedEventSource.all).toHaveLength(2), { timeout: 20_000 })
    expect(PlayedEventSource.all[1]!.url).toBe('/api/stream')
    PlayedEventSource.all[1]!.open()
    await vi.waitFor(() => expect(onOpen.mock.calls).toEqual([[true], [false]]), {
      timeout: 20_000,
    })
  })

  test('follows alone where the worker does not start', async () => {
    const made = stubWorker(false)
    const { onOpen } = openTab()
    expect(PlayedEventSource.all).toHaveLength(0)
    made[0]!.dispatchEvent(new Event('error'))
    expect(PlayedEventSource.all).toHaveLength(1)
    PlayedEventSource.all[0]!.open()
    expect(onOpen).toHaveBeenCalledWith(false)
  })

  test('follows alone where the worker never answers', () => {
    vi.useFakeTimers()
    undo.push(() => vi.useRealTimers())
    stubWorker(false)
    openTab()
    vi.advanceTimersByTime(4_999)
    expect(PlayedEventSource.all).toHaveLength(0)
    vi.advanceTimersByTime(1)
    expect(PlayedEventSource.all).toHaveLength(1)
  })

  test('a refusal is tried again while somebody is signed in, and at once when the network is back', async () => {
    vi.stubGlobal('SharedWorker', undefined)
    const { onRefused, onState } = openTab()
    PlayedEventSource.all[0]!.refuse()
    await vi.waitFor(() => expect(onRefused).toHaveBeenCalledOnce(), { timeout: 20_000 })
    expect(onState).toHaveBeenLastCalledWith('down')
    await Promise.resolve()
    window.dispatchEvent(new Event('online'))
    expect(PlayedEventSource.all).toHaveLength(2)
    window.dispatchEvent(new Event('online'))
    expect(PlayedEventSource.all).toHaveLength(2)
  })

  test('a refusal is the end where nobody is signed in', async () => {
    stubWorker(true)
    const tabs = [openTab({ again: false }), openTab({ again: false })]
    await vi.waitFor(() => expect(PlayedEventSource.all).toHaveLength(1), { timeout: 20_000 })
    // Both have joined when both hear of it.
    await vi.waitFor(
      () => {
        PlayedEventSource.all[0]!.open()
        for (const { onOpen } of tabs) expect(onOpen).toHaveBeenCalled()
      },
      { timeout: 20_000 },
    )
    tabs[0]!.stream.endForAll()
    await vi.waitFor(() => expect(tabs[1]!.onRefused).toHaveBeenCalledOnce(), { timeout: 20_000 })
    expect(tabs[0]!.onRefused).not.toHaveBeenCalled()
    expect(PlayedEventSource.all.map(({ readyState }) => readyState)).toEqual([2])
    window.dispatchEvent(new Event('online'))
    expect(PlayedEventSource.all).toHaveLength(1)
  })
})

class PlayedEventSource extends EventTarget {
  static readonly CLOSED = 2
  static all: PlayedEventSource[] = []
  readyState = 0
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
    PlayedEventSource.all.push(this)
  }
  open() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  send(type: string, data: string) {
    this.dispatchEvent(new MessageEvent(type, { data }))
  }
  refuse() {
    this.readyState = PlayedEventSource.CLOSED
    this.dispatchEvent(new Event('error'))
  }
  close() {
    this.readyState = PlayedEventSource.CLOSED
  }
}
