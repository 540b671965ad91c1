import { StreamEvent } from '@hub/shared'
import type { Grant } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import type { ClusterInstance } from '#clusters'
import type { RequestContext } from '#context'
import type { Change } from '#db'
import type { Transport } from '#kube'
import { holdTime } from '../../test/held-time.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import { nothingGoverned } from '../../test/nothing-governed.ts'
import { createChangeLog, type FleetChangeBody } from '../fleet/change-log.ts'
import { createStreams, type StreamDeps, type Streams } from './open-stream.ts'
import { presentDeployment } from '../fleet/present-deployment.ts'
import { createVisibilities } from '../fleet/visibility.ts'
import type { InstanceSeen } from '#fleet'

const teamA = [grant('deployer', { instanceId: 'prod', namespaces: ['team-a'] })]

describe('createStreams', () => {
  it('refuses who is not signed in', () => {
    expect(() => open(null)).toThrow(/unauthenticated/)
  })

  it('tells people and programs alike by their rights, so that nobody resumes with others', () => {
    const ofPerson = contextOf(teamA)
    const asProgram = (grants: Grant[]): RequestContext => ({
      ...ofPerson,
      actor: {
        type: 'service',
        servicePrincipalId: 's',
        clientId: 'ci',
        principal: 'service:ci@https://id.example.com',
        displayName: 'ci',
        expiresAt: new Date(),
        grants,
        restingInstances: new Set(),
      },
    })
    const visibilityOf = createVisibilities()
    const less = visibilityOf(asProgram(teamA)).fingerprint
    expect(less).toBe(createVisibilities()(ofPerson).fingerprint)
    expect(visibilityOf(asProgram([grant('viewer')])).fingerprint).not.toBe(less)
  })

  it('begins with how to come back and from where', async () => {
    const stream = open(teamA)
    expect(await stream.text()).toMatch(/^retry: 3000\n\nid: [\w-]{46}\.[0-9a-f]{8}\n\n$/)
  })

  it('H38: ends when the hub does, with the word to come back, and so does one that opens later', async () => {
    const ending = new AbortController()
    const stream = open(teamA, { ending: ending.signal })
    await stream.text()
    stream.log.append(upsert('prod', 'team-a', 'llama'))
    ending.abort()
    expect(await stream.text()).toMatch(/^retry: 2750\n\n$/)
    expect(await stream.isDone()).toBe(true)
    expect(stream.timers()).toBe(0)
    const later = open(teamA, { ending: ending.signal })
    expect(await later.text()).toMatch(/retry: 2750\n\n$/)
    expect(await later.isDone()).toBe(true)
  })

  it('sends events of the contract, each with its id, for what the caller may see', async () => {
    const stream = open([...teamA, grant('viewer', { instanceId: 'prod', namespaces: ['team-b'] })])
    stream.log.append(upsert('prod', 'team-a', 'llama'))
    stream.log.append(upsert('prod', 'team-b', 'qwen'))
    stream.log.append(upsert('prod', 'team-c', 'secret-c'))
    stream.log.append(upsert('other', 'team-a', 'secret-other'))
    stream.log.append(removal('prod', 'team-c', 'secret-c'))
    stream.log.append(removal('prod', 'team-a', 'gone'))
    stream.log.append({ type: 'instance', id: 'prod' })
    stream.log.append({ type: 'instance', id: 'other' })
    stream.log.append({ type: 'instance-removed', id: 'other' })
    stream.log.append({ type: 'reset', instance: 'other' })
    await stream.advance(60)
    const text = await stream.text()
    expect(text).not.toMatch(/secret|other/)
    const events = parse(text)
    // Each id is the place of its own event, among all that happened.
    const after = (id: string) => stream.log.since(id.slice(0, id.lastIndexOf('.')))?.[0]?.seq
    expect(events.map(({ id }) => after(id))).toEqual([2, 3, 7, 8])
    expect(events.map(({ event }) => event)).toMatchObject([
      {
        type: 'deployment',
        deployment: { name: 'llama', abilities: { update: true, delete: true } },
      },
      {
        type: 'deployment',
        deployment: { name: 'qwen', abilities: { update: false, delete: false } },
      },
      { type: 'deployment-removed', instance: 'prod', namespace: 'team-a', name: 'gone', uid: 'u' },
      {
        type: 'instance',
        instance: { id: 'prod', deploymentCount: 7, abilities: { deploy: true } },
      },
    ])
  })

  it('sends the latest of many changes to one object once', async () => {
    const stream = open(teamA)
    for (let i = 1; i <= 100; i += 1)
      stream.log.append(upsert('prod', 'team-a', 'llama', String(i)))
    stream.log.append(upsert('prod', 'team-a', 'other', '1'))
    stream.log.append(upsert('prod', 'team-a', 'llama', '101'))
    await stream.advance(60)
    const events = parse(await stream.text())
    const comesAfter = (id: string) => stream.log.since(id.slice(0, id.lastIndexOf('.')))?.length
    expect(events.map(({ event, id }) => [describeEvent(event), comesAfter(id)])).toEqual([
      ['deployment other 1', 1],
      ['deployment llama 101', 0],
    ])
  })

  it('replays what a reader missed', async () => {
    const first = open(teamA)
    first.log.append(upsert('prod', 'team-a', 'a'))
    await first.advance(60)
    const { id } = parse(await first.text())[0]!
    first.log.append(upsert('prod', 'team-a', 'b'))
    first.log.append(upsert('prod', 'team-c', 'secret'))
    const second = open(teamA, { log: first.log, lastEventId: id })
    await second.advance(60)
    // What became of access requests meanwhile is not kept: the reader looks.
    expect(parse(await second.text()).map(({ event }) => describeEvent(event))).toEqual([
      'access-requests',
      'deployment b 1',
    ])
  })

  it('begins where it stood for the caller before they read, with what changed since', async () => {
    const first = open(teamA)
    first.log.append(upsert('prod', 'team-a', 'read'))
    const position = first.streams.position(contextOf(teamA))
    first.log.append(upsert('prod', 'team-a', 'changed'))
    first.log.append(upsert('prod', 'team-c', 'secret'))
    const begin = async (grants: Grant[]) => {
      const stream = open(grants, { log: first.log, lastEventId: position })
      await stream.advance(60)
      return parse(await stream.text()).map(({ event }) => describeEvent(event))
    }
    expect(await begin(teamA)).toEqual(['access-requests', 'deployment changed 1'])
    // Whoever may see something else by then reads again.
    expect(await begin([grant('viewer')])).toEqual(['reset'])
  })

  it.each(['', 'nonsense', 'deadbeef.3.00000000', '../..'])(
    'resets a reader that comes back from where nobody knows (%j)',
    async (lastEventId) => {
      const stream = open(teamA, { lastEventId })
      await stream.advance(60)
      expect(parse(await stream.text()).map(({ event }) => event)).toEqual([{ type: 'reset' }])
    },
  )

  it('H29: tells nobody how much happened that they may not see', async () => {
    const read = async (hidden: number) => {
      const stream = open(teamA)
      const ids: string[] = []
      for (let round = 0; round < 3; round += 1) {
        for (let count = 0; count < hidden; count += 1) {
          stream.log.append(upsert('prod', 'team-c', `secret-${count}`))
        }
        stream.log.append(upsert('prod', 'team-a', `own-${round}`))
        await stream.advance(60)
        const text = await stream.text()
        ids.push(...[...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!))
      }
      return ids
    }
    const [busy, quiet] = [await read(50), await read(0)]
    expect(busy).toHaveLength(quiet.length)
    expect(new Set([...busy, ...quiet]).size).toBe(busy.length + quiet.length)
    const shape = (id: string) => id.replaceAll(/[\w-]/g, 'x')
    expect(new Set([...busy, ...quiet].map(shape)).size).toBe(1)
    // None of them reads as a number, however its text is taken.
    for (const id of busy) {
      expect(Buffer.from(id.split('.')[0]!, 'base64url').toString('latin1')).not.toMatch(/^\d+$/)
    }
  })

  it('H29: how many deployments others have is no event for who sees none of them', async () => {
    const stream = open(teamA)
    await stream.text()
    stream.log.append({ type: 'instance', id: 'prod', namespaces: ['team-c'] })
    await stream.advance(60)
    expect(await stream.text()).toBe('')
    stream.log.append({ type: 'instance', id: 'prod', namespaces: ['team-c', 'team-a'] })
    await stream.advance(60)
    expect(parse(await stream.text()).map(({ event }) => event.type)).toEqual(['instance'])
  })

  it('says of a change that lists stay as they are, unless one before it in the same moment moved them', async () => {
    const stream = open(teamA)
    await stream.text()
    const inPlace = (name: string) =>
      ({ ...upsert('prod', 'team-a', name), isInPlace: true }) as FleetChangeBody
    stream.log.append(inPlace('a'))
    stream.log.append(inPlace('a'))
    stream.log.append(upsert('prod', 'team-a', 'b'))
    stream.log.append(inPlace('b'))
    await stream.advance(60)
    const told = parse(await stream.text()).map(({ event }) => event as { isInPlace?: boolean })
    expect(told.map(({ isInPlace }) => isInPlace)).toEqual([true, undefined])
  })

  it('tells of instances that were heard of again in one event without an id, and of none that the reader may not see', async () => {
    const seen = listeners<InstanceSeen>()
    const stream = open([grant('viewer', { instanceId: 'prod' })], { seen })
    await stream.text()
    const at = '2026-01-01T00:00:00.000Z'
    const later = '2026-01-01T00:00:04.000Z'
    for (const lastSeenAt of [at, later]) {
      for (const id of ['prod', 'secret']) seen.tell({ id, lastSeenAt, heardAt: at })
    }
    await stream.advance(5_000)
    const data = `{"instances":[{"id":"prod","lastSeenAt":"${later}","heardAt":"${at}"}]}`
    expect(await stream.text()).toBe(`event: instances-seen\ndata: ${data}\n\n`)
    await stream.advance(6_000)
    expect(await stream.text()).toBe('')
    seen.tell({ id: 'secret', lastSeenAt: later, heardAt: at })
    await stream.advance(3_900)
    expect(await stream.text()).toBe('')
    await stream.cancel()
    expect(seen.size()).toBe(0)
  })

  it('makes the event of instances heard of again once for all who see the same of them, whatever else they may do', async () => {
    const seen = listeners<InstanceSeen>()
    const clock = holdTime()
    const first = open([grant('viewer')], { seen, clock })
    const { streams } = first
    const others = [
      open([grant('deployer')], { streams, clock, principal: 'oidc:b' }),
      open([grant('viewer', { instanceId: 'prod' })], { streams, clock, principal: 'oidc:c' }),
    ]
    for (const stream of [first, ...others]) await stream.text()
    for (const id of ['prod', 'other']) seen.tell({ id, lastSeenAt: null, heardAt: null })
    await clock.advance(5_000)
    const told = await Promise.all([first, ...others].map((stream) => stream.text()))
    expect(told[1]).toBe(told[0])
    expect(told[0]).toContain('"other"')
    expect(told[2]).not.toContain('"other"')
  })

  it('H29: an instance that others alone see may rest without anybody else noticing', async () => {
    const resting = new Set<string>()
    const elsewhere = [grant('viewer', { instanceId: 'prod', namespaces: ['team-a'] })]
    const stream = open(elsewhere, { resting })
    await stream.advance(60)
    await stream.text()
    resting.add('secret')
    stream.log.append({ type: 'instance', id: 'secret' })
    await stream.advance(60)
    expect(await stream.text()).toBe('')
  })

  it('resets a reader that comes back with other rights', async () => {
    const first = open(teamA)
    first.log.append(upsert('prod', 'team-a', 'a'))
    await first.advance(60)
    const { id } = parse(await first.text())[0]!
    const second = open([grant('viewer')], { log: first.log, lastEventId: id })
    await second.advance(60)
    expect(parse(await second.text()).map(({ event }) => event.type)).toEqual(['reset'])
  })

  it('resets who no longer sees an instance as soon as it rests, and again when it is confirmed', async () => {
    const resting = new Set<string>()
    const stream = open(teamA, { resting })
    stream.log.append({ type: 'instance', id: 'prod' })
    resting.add('prod')
    stream.log.append({ type: 'instance', id: 'prod' })
    stream.log.append(upsert('prod', 'team-a', 'hidden'))
    await stream.advance(60)
    expect(parse(await stream.text()).map(({ event }) => event)).toEqual([{ type: 'reset' }])
    stream.log.append({ type: 'instance', id: 'prod' })
    await stream.advance(60)
    expect(parse(await stream.text())).toEqual([])
    resting.delete('prod')
    stream.log.append({ type: 'instance', id: 'prod' })
    await stream.advance(60)
    const events = parse(await stream.text()).map(({ event }) => event.type)
    expect(events).toEqual(['reset', 'instance'])
  })

  it('drops the queue of a reader that does not read, then resets it', async () => {
    const stream = open(teamA)
    const large = 'x'.repeat(4_000)
    for (let i = 0; i < 200; i += 1)
      stream.log.append(upsert('prod', 'team-a', `a${i}`, '1', large))
    await stream.advance(60)
    // The first chunk filled its buffer: the rest waits, and no longer than 1000.
    for (let i = 0; i < 1_500; i += 1) stream.log.append(upsert('prod', 'team-a', `b${i}`))
    await stream.advance(60)
    const events = parse(await stream.text()).map(({ event }) => describeEvent(event))
    expect(events).toHaveLength(201)
    expect(events.at(-1)).toBe('reset')
    stream.log.append(upsert('prod', 'team-a', 'after'))
    await stream.advance(60)
    expect(parse(await stream.text()).map(({ event }) => describeEvent(event))).toEqual([
      'deployment after 1',
    ])
  })

  it('ends for a reader that has not read for a minute', async () => {
    const stream = open(teamA)
    stream.log.append(upsert('prod', 'team-a', 'a', '1', 'x'.repeat(300_000)))
    for (let i = 0; i < 100; i += 1)
      stream.log.append(upsert('prod', 'team-a', `a${i}`, '1', 'x'.repeat(4_000)))
    await stream.advance(60)
    for (let i = 0; i < 6; i += 1) await stream.advance(15_000)
    expect(stream.timers()).toBe(0)
    await expect(stream.text()).rejects.toThrow(/stopped reading/)
  })

  it('beats every 15 seconds and moves the id on past what the caller may not see', async () => {
    const stream = open(teamA)
    await stream.text()
    stream.log.append(upsert('prod', 'team-c', 'secret'))
    await stream.advance(15_000)
    const [, position] = /^:\nid: ([\w-]{46})\.[0-9a-f]{8}\n\n$/.exec(await stream.text()) ?? []
    expect(stream.log.since(position!)).toEqual([])
    await stream.advance(15_000)
    expect(await stream.text()).toMatch(/^:\n/)
  })

  it('resets when the rights of the caller changed, and sends by the new ones', async () => {
    let grants: Grant[] = teamA
    const stream = open(teamA, { reauthenticate: async () => contextOf(grants) })
    await stream.text()
    await stream.advance(30_000)
    expect(parse(await stream.text())).toEqual([])
    grants = [grant('viewer', { instanceId: 'prod', namespaces: ['team-b'] })]
    stream.log.append(upsert('prod', 'team-b', 'before'))
    await stream.advance(30_000)
    stream.log.append(upsert('prod', 'team-a', 'secret'))
    await stream.advance(60)
    stream.log.append(upsert('prod', 'team-b', 'after'))
    stream.log.append(upsert('prod', 'team-a', 'secret'))
    await stream.advance(60)
    const text = await stream.text()
    expect(text).not.toContain('secret')
    expect(parse(text).map(({ event }) => describeEvent(event))).toEqual([
      'reset',
      'deployment after 1',
    ])
  })

  it('sends nothing that waited when the right to it was lost meanwhile', async () => {
    const now = { at: Date.parse('2026-01-01T00:00:00Z') }
    const ending = [grant('viewer', { instanceId: 'prod', endsAt: '2026-01-01T00:00:01Z' })]
    const stream = open(ending, { now: () => new Date(now.at) })
    stream.log.append(upsert('prod', 'team-a', 'secret'))
    now.at += 2_000
    await stream.advance(60)
    expect(await stream.text()).not.toContain('secret')
  })

  it.each<[string, () => Promise<RequestContext | null>]>([
    ['the session ended', async () => null],
    [
      'the session cannot be checked',
      async () => {
        throw new Error('database')
      },
    ],
  ])('ends when %s', async (_, reauthenticate) => {
    const stream = open(teamA, { reauthenticate })
    await stream.text()
    await stream.advance(30_000)
    expect(await stream.isDone()).toBe(true)
    expect(stream.timers()).toBe(0)
  })

  it.each<[string, Change, boolean]>([
    ['the person', { topic: 'user', subject: 'u' }, true],
    ["the person's grants", { topic: 'grants', subject: 'u' }, true],
    ['the session', { topic: 'session', subject: 's' }, true],
    ['everything, for all anybody knows', { topic: 'all', subject: '' }, true],
    ['another person', { topic: 'user', subject: 'another' }, false],
    ['another session', { topic: 'session', subject: 'another' }, false],
    ['a token', { topic: 'token', subject: 's' }, false],
    ['a program', { topic: 'service-principal', subject: 'u' }, false],
  ])('looks at once who may still read when what changed is %s', async (_, change, isHeard) => {
    const changes = listeners<Change>()
    const stream = open(teamA, { reauthenticate: async () => null, changes })
    await stream.text()
    changes.tell(change)
    await stream.advance(0)
    expect(await stream.isDone()).toBe(isHeard)
    // Where nobody reads, nobody listens.
    expect(changes.size()).toBe(isHeard ? 0 : 1)
  })

  it.each<[string, Grant[], string, boolean]>([
    ['who made it', teamA, 'u', true],
    ['who decides on it', [grant('admin')], 'another', true],
    ['nobody else', teamA, 'another', false],
  ])('tells of an access request to %s, without a look at who may read', async (...given) => {
    const [, grants, subject, isTold] = given
    const changes = listeners<Change>()
    const stream = open(grants, { reauthenticate: async () => null, changes })
    await stream.text()
    for (let times = 0; times < 3; times += 1) changes.tell({ topic: 'access-request', subject })
    await stream.advance(60)
    // Without an id: where the reader comes back to stays the last change of the fleet.
    expect(await stream.text()).toBe(isTold ? 'event: access-requests\ndata: {}\n\n' : '')
  })

  it('tells a reader that does not read of access requests once it does, by its reset', async () => {
    const changes = listeners<Change>()
    const stream = open(teamA, { changes })
    const large = 'x'.repeat(4_000)
    for (let i = 0; i < 200; i += 1) {
      stream.log.append(upsert('prod', 'team-a', `a${i}`, '1', large))
    }
    await stream.advance(60)
    for (let times = 0; times < 100; times += 1) {
      changes.tell({ topic: 'access-request', subject: 'u' })
      await stream.advance(60)
    }
    for (let i = 0; i < 1_500; i += 1) stream.log.append(upsert('prod', 'team-a', `b${i}`))
    await stream.advance(60)
    const events = parse(await stream.text()).map(({ event }) => describeEvent(event))
    expect(events).toHaveLength(201)
    expect(events.at(-1)).toBe('reset')
    changes.tell({ topic: 'access-request', subject: 'u' })
    await stream.advance(60)
    expect(await stream.text()).toContain('event: access-requests')
  })

  it('goes by the latest of several looks, whichever answers last', async () => {
    const changes = listeners<Change>()
    const answers: ((grants: Grant[]) => void)[] = []
    const reauthenticate = () =>
      new Promise<RequestContext>((resolve) => {
        answers.push((grants) => resolve(contextOf(grants)))
      })
    const stream = open(teamA, { reauthenticate, changes })
    for (let times = 0; times < 2; times += 1) changes.tell({ topic: 'grants', subject: 'u' })
    answers[1]!([grant('viewer', { instanceId: 'prod', namespaces: ['team-b'] })])
    await stream.advance(0)
    answers[0]!(teamA)
    await stream.advance(0)
    stream.log.append(upsert('prod', 'team-a', 'secret'))
    stream.log.append(upsert('prod', 'team-b', 'b'))
    await stream.advance(60)
    const text = await stream.text()
    expect(text).not.toContain('secret')
    expect(parse(text).at(-1)?.event).toMatchObject({ type: 'deployment' })
  })

  it('lets one person have eight streams, and another as soon as one ends', async () => {
    const first = open(teamA)
    const { streams } = first
    const more = Array.from({ length: 7 }, () => open(teamA, { streams }))
    expect(() => open(teamA, { streams })).toThrow(/too-many-streams/)
    open(teamA, { streams, principal: 'oidc:another' })
    await more[3]!.cancel()
    open(teamA, { streams })
    expect(() => open(teamA, { streams })).toThrow(/too-many-streams/)
  })

  it('keeps a slow reader apart from the others who see the same', async () => {
    const slow = open(teamA)
    const { clock, log, streams } = slow
    const quick = open(teamA, { log, streams, clock })
    const other = open([grant('viewer', { namespaces: ['team-b'] })], { log, streams, clock })
    const seen: string[] = []
    const text = 'x'.repeat(100_000)
    for (let i = 0; i < 8; i += 1) {
      log.append(upsert('prod', 'team-a', `n${i % 5}`, String(i), text.slice(0, 4_000 * 25)))
      await clock.advance(30)
      seen.push(...parse(await quick.text()).map(({ event }) => describeEvent(event)))
    }
    log.append(upsert('prod', 'team-b', 'b', '1'))
    await clock.advance(30)
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => `deployment n${i % 5} ${i}`))
    expect(parse(await other.text()).map(({ event }) => describeEvent(event))).toEqual([
      'deployment b 1',
    ])
    const caughtUp = new Map(
      parse(await slow.text()).map(({ event }) => [
        event.type === 'deployment' && event.deployment.name,
        describeEvent(event),
      ]),
    )
    expect([...caughtUp.values()].toSorted()).toEqual(
      ['n0 5', 'n1 6', 'n2 7', 'n3 3', 'n4 4'].map((each) => `deployment ${each}`),
    )
  })

  it('resets when a grant ends, and goes on with what is left', async () => {
    const now = { at: Date.parse('2026-01-01T00:00:00Z') }
    const held = [
      grant('viewer', { namespaces: ['team-b'] }),
      grant('viewer', { namespaces: ['team-a'], endsAt: '2026-01-01T00:00:10Z' }),
    ]
    const stream = open(held, { now: () => new Date(now.at) })
    await stream.text()
    now.at += 10_000
    stream.log.append(upsert('prod', 'team-a', 'secret'))
    stream.log.append(upsert('prod', 'team-b', 'before'))
    await stream.advance(60)
    stream.log.append(upsert('prod', 'team-a', 'secret'))
    stream.log.append(upsert('prod', 'team-b', 'after'))
    await stream.advance(60)
    const text = await stream.text()
    expect(text).not.toContain('secret')
    expect(parse(text).map(({ event }) => describeEvent(event))).toEqual([
      'reset',
      'deployment after 1',
    ])
  })

  it('leaves no timer and no listener when the caller is gone', async () => {
    const abort = new AbortController()
    const byRequest = open(teamA, { signal: abort.signal })
    const byReader = open(teamA)
    expect(byRequest.timers()).toBe(2)
    abort.abort()
    await byReader.cancel()
    byRequest.log.append(upsert('prod', 'team-a', 'a'))
    byReader.log.append(upsert('prod', 'team-a', 'a'))
    expect([byRequest.timers(), byReader.timers()]).toEqual([0, 0])
    const late = new AbortController()
    late.abort()
    expect(open(teamA, { signal: late.signal }).timers()).toBe(0)
  })
})

function open(
  grants: Grant[] | null,
  options: {
    log?: ReturnType<typeof createChangeLog>
    lastEventId?: string
    reauthenticate?: StreamDeps['reauthenticate']
    changes?: ReturnType<typeof listeners<Change>>
    signal?: AbortSignal
    now?: () => Date
    streams?: Streams
    clock?: ReturnType<typeof holdTime>
    principal?: string
    resting?: Set<string>
    ending?: AbortSignal
    seen?: ReturnType<typeof listeners<InstanceSeen>>
  } = {},
) {
  const log =
    options.log ??
    createChangeLog({
      capacity: 2_000,
      onListenerError: (error) => {
        throw error
      },
    })
  const clock = options.clock ?? holdTime()
  const ctx = contextOf(grants, {
    ...(options.signal && { signal: options.signal }),
    ...(options.now && { now: options.now }),
  })
  const resting = options.resting ?? new Set<string>()
  if (ctx.actor.type === 'user') {
    ctx.actor.principal = options.principal ?? ctx.actor.principal
    ctx.actor.restingInstances = resting
  }
  const streams =
    options.streams ??
    createStreams({
      fleet: {
        subscribe: log.subscribe,
        onSeen: options.seen?.subscribe ?? (() => () => {}),
        position: log.position,
        since: log.since,
        visibilityOf: createVisibilities(),
        describeInstance: () => ({
          deploymentCount: 7,
          capacity: { nodes: null, gpus: null, resources: null, reason: 'Not known.' },
          runtimes: null,
          heardAt: null,
          isCurrent: true,
        }),
      },
      instances: { find: (id) => instance(id), resting },
      closures: nothingGoverned.closures,
      reauthenticate: options.reauthenticate ?? (async (same) => same),
      ...(options.changes && { onAccessChange: options.changes.subscribe }),
      ...(options.ending && { ending: options.ending }),
      timing: clock.timing,
    })
  const stream = streams.open(ctx, options.lastEventId ?? null)
  const reader = stream.getReader()
  let reading: ReturnType<typeof reader.read> | null = null
  /** The next chunk, or null where none came in time: it is then the next call's. */
  const take = async (ms: number) => {
    reading ??= reader.read()
    const chunk = await Promise.race([
      reading,
      new Promise<null>((resolve) => setTimeout(() => resolve(null), ms)),
    ])
    if (chunk !== null) reading = null
    return chunk
  }
  return {
    log,
    streams,
    clock,
    advance: clock.advance,
    timers: clock.timers,
    cancel: () => reader.cancel(),
    /** What was sent since the last call. */
    text: async () => {
      const decoder = new TextDecoder()
      let text = ''
      for (;;) {
        const chunk = await take(20)
        if (chunk === null || chunk.done) return text
        text += decoder.decode(chunk.value, { stream: true })
      }
    },
    isDone: async () => {
      for (;;) {
        const chunk = await take(1_000)
        if (chunk === null || chunk.done) return chunk !== null
      }
    },
  }
}

function listeners<T>() {
  const all = new Set<(value: T) => void>()
  return {
    subscribe: (listener: (value: T) => void) => {
      all.add(listener)
      return () => all.delete(listener)
    },
    tell: (value: T) => {
      for (const listener of all) listener(value)
    },
    size: () => all.size,
  }
}

function instance(id: string): ClusterInstance {
  return {
    id,
    status: { state: 'ready', reason: null, since: '2026-01-01T00:00:00.000Z', lastSeenAt: null },
    kubernetesVersion: 'v1.36.3',
    apiGroup: 'airunway.ai',
    accessMode: 'service',
    rights: 'both',
    clusterUid: null,
    clusterIdentity: null,
    endpoint: null,
    contextNamespace: null,
    warnings: [],
    transport: {} as Transport,
  }
}

function upsert(
  on: string,
  namespace: string,
  name: string,
  resourceVersion = '1',
  message = '',
): FleetChangeBody {
  const object = {
    metadata: { name, namespace, uid: 'u', resourceVersion },
    status: { message },
  }
  const deployment = presentDeployment(on, 'airunway.ai', object, new Date(0))!
  return { type: 'upsert', deployment, openJson: JSON.stringify(deployment).slice(0, -1) }
}

function removal(on: string, namespace: string, name: string): FleetChangeBody {
  return { type: 'remove', instance: on, namespace, name, uid: 'u' }
}

/** The events of a stream's text, each checked against the contract. */
function parse(text: string): { id: string; event: StreamEvent }[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => {
        const colon = line.indexOf(': ')
        return [line.slice(0, colon), line.slice(colon + 2)]
      }),
    ) as Record<string, string>
    if (fields.event === undefined) return []
    const data = JSON.parse(fields.data!) as Record<string, unknown>
    return [{ id: fields.id!, event: StreamEvent.parse({ type: fields.event, ...data }) }]
  })
}

function describeEvent(event: StreamEvent): string {
  return event.type === 'deployment'
    ? `deployment ${event.deployment.name} ${event.deployment.resourceVersion}`
    : event.type
}
