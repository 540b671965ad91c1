import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RequestContext } from '#context'
import type { Change } from '#db'
import type { Fleet, FleetDeployment } from '#fleet'
import { createModelRules } from '#serving'
import type { Use } from '#usage'
import { contextOf, grant } from '../../../test/contexts.ts'
import { holdTime } from '../../../test/held-time.ts'
import { pretendInstance } from '../../../test/pretend-instance.ts'
import { createDeploymentChat } from './open-chat.ts'

const soon = { timeout: 20_000, interval: 5 }
const at = { instance: 'prod', namespace: 'default', name: 'llama' }
const llama = {
  ...at,
  uid: 'u1',
  model: { id: 'a/b', servedName: null, source: null },
  endpoint: { service: 'llama', port: 8000 },
  deletingSince: null,
  replicas: { desired: 1, ready: 1, available: 1, running: 1 },
} as FleetDeployment
const input = { messages: [{ role: 'user' as const, content: 'Hello' }] }
const piece = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

describe('an answer', () => {
  test('that falls silent ends with the word of it', async () => {
    const world = await openWorld(begin, { firstByteMs: 20_000, silenceMs: 50 })
    const text = await new Response(await world.chat.open(viewer(), at, input)).text()
    expect(text).toMatch(/^event: delta\ndata: \{"text":"Hi"\}\n\nevent: error\ndata: /)
    expect(text).toContain('"code":"instance-timeout"')
    expect(world.uses[0]).toMatchObject({ status: 502, firstByteMs: 0 })
  })

  test('that nobody waited for counts for nothing', async () => {
    const world = await openWorld(begin)
    await (await world.chat.open(viewer(), at, input)).cancel()
    expect(world.seen).toEqual([])
    expect(world.uses).toEqual([null])
  })

  test('that does not begin ends with the word of it', async () => {
    const world = await openWorld(() => {}, { firstByteMs: 50, silenceMs: 20_000 })
    const text = await new Response(await world.chat.open(viewer(), at, input)).text()
    expect(text).toMatch(/^event: error\ndata: \{"code":"instance-timeout"/)
  })

  test('is told to go on while nothing comes', async () => {
    const world = await openWorld(() => {})
    const reader = (await world.chat.open(viewer(), at, input)).getReader()
    const first = reader.read()
    await vi.waitFor(() => expect(world.seen).toHaveLength(1), soon)
    await world.time.advance(15_000)
    expect(new TextDecoder().decode((await first).value)).toBe(':\n\n')
    await reader.cancel()
    await vi.waitFor(() => expect(world.time.timers()).toBe(0), soon)
  })

  test.each<[string, RequestContext | null, RegExp]>([
    ['signed out', null, /"You are signed out: sign in and open it again\."/],
    ['without the right', contextOf([]), /"You may not use it any more\."/],
  ])('ends for somebody who is %s meanwhile', async (_, later, words) => {
    const world = await openWorld(begin)
    const reader = (await world.chat.open(viewer(), at, input)).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('Hi')
    world.become(later)
    world.announce({ topic: 'grants', subject: 'u' })
    expect(new TextDecoder().decode((await reader.read()).value)).toMatch(words)
    expect((await reader.read()).done).toBe(true)
  })

  test('is given to so many at once, and to more when one has ended', async () => {
    const world = await openWorld(begin)
    const ctx = viewer()
    const open = await Promise.all(
      Array.from({ length: 16 }, () => world.chat.open(ctx, at, input)),
    )
    await expect(world.chat.open(ctx, at, input)).rejects.toThrow(/too-many-streams/)
    await open[0]!.cancel()
    await (await world.chat.open(ctx, at, input)).cancel()
    for (const each of open.slice(1)) await each.cancel()
  })
})

const viewer = () => contextOf([grant('viewer')])

function begin(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(piece)
}

async function openWorld(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  limits = { firstByteMs: 20_000, silenceMs: 20_000 },
) {
  const { instances, seen, stop } = await pretendInstance(handle)
  endings.push(stop)
  const time = holdTime()
  const listeners = new Set<(change: Change) => void>()
  const uses: (Parameters<Use['ended']>[0] | null)[] = []
  let later: RequestContext | null = viewer()
  const chat = createDeploymentChat({
    instances,
    directRoutes: null,
    fleet: { get: () => llama } as unknown as Fleet,
    names: { of: async () => 'served', forget: () => {} },
    rules: createModelRules({ allowed: [], disallowed: [] }),
    meter: {
      begin: async () => ({
        ended: (outcome) => uses.push(outcome),
        cancelled: () => uses.push(null),
      }),
    },
    timing: time.timing,
    limits,
    reauthenticate: async () => later,
    onAccessChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  return {
    chat,
    uses,
    seen,
    time,
    become: (next: RequestContext | null) => (later = next),
    announce: (change: Change) => {
      for (const listener of listeners) listener(change)
    },
  }
}
