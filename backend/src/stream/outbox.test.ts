import { describe, expect, it } from 'vitest'
import type { FleetChange } from '#fleet'
import { holdTime } from '../../test/held-time.ts'
import { createOutbox } from './outbox.ts'
import { pendingMax } from './pending.ts'
import { createTimers } from './timers.ts'

describe('createOutbox', () => {
  it('takes a shared chunk only where nothing of its own goes first', () => {
    const { fill, outbox, said } = open()
    expect(outbox.tryWrite(Buffer.from('shared'))).toBe(true)
    outbox.queue([change('a')])
    expect(outbox.tryWrite(Buffer.from('no'))).toBe(false)
    outbox.flush()
    fill(true)
    expect(outbox.tryWrite(Buffer.from('no'))).toBe(false)
    expect(said()).toBe('shared|a')
  })

  it('says of each object the latest, in the order of the latest, once it has gathered', () => {
    const { advance, outbox, said } = open()
    outbox.queue([change('a'), change('b')])
    outbox.queue([change('a')])
    expect(said()).toBe('')
    advance(5)
    expect(said()).toBe('b,a')
  })

  it('keeps what waits for a full reader, and says it when there is room', () => {
    const { advance, fill, outbox, said } = open()
    fill(true)
    outbox.queue([change('a')])
    advance(5)
    expect(said()).toBe('')
    fill(false)
    outbox.flush()
    expect(said()).toBe('a')
  })

  it('drops too much for one reset, and what comes meanwhile with it', () => {
    const { advance, outbox, said } = open()
    outbox.tellOfRequests()
    outbox.queue(Array.from({ length: pendingMax + 1 }, (_, i) => change(String(i))))
    outbox.queue([change('a')])
    advance(5)
    expect(said()).toBe('reset')
    outbox.queue([change('b')])
    advance(5)
    expect(said()).toBe('reset|b')
  })

  it('renews rights before it says anything by them', () => {
    const { advance, outbox, said } = open({ renewRights: () => outbox.reset() })
    outbox.queue([change('a')])
    advance(5)
    expect(said()).toBe('')
    advance(5)
    expect(said()).toBe('reset')
  })

  it('counts how long nothing was taken, and beats where nothing waits', () => {
    const { advance, fill, outbox, said } = open()
    outbox.beat(() => 'beat')
    fill(true)
    outbox.beat(() => 'no')
    advance(1_000)
    expect(outbox.stalledMs()).toBe(1_000)
    fill(false)
    outbox.flush()
    expect(outbox.stalledMs()).toBe(0)
    outbox.queue([change('a')])
    outbox.beat(() => 'no')
    expect(said()).toBe('beat')
  })

  it('says nothing after its timers ended', () => {
    const { advance, outbox, said, timers } = open()
    outbox.queue([change('a')])
    timers.end()
    outbox.reset()
    outbox.queue([change('b')])
    advance(5)
    outbox.flush()
    expect(said()).toBe('')
  })
})

function open({ renewRights = () => {} } = {}) {
  const { advance: wait, timing } = holdTime()
  const advance = (ms: number) => void wait(ms)
  const chunks: string[] = []
  const controller = {
    desiredSize: 1,
    enqueue: (chunk: Uint8Array) => void chunks.push(Buffer.from(chunk).toString()),
  }
  const timers = createTimers(timing)
  const outbox = createOutbox({
    controller,
    timers,
    now: timing.now,
    gatheringMs: () => 5,
    renewRights,
    words: {
      changes: (changes) => Buffer.from(changes.map(([key]) => key).join(',')),
      reset: () => 'reset',
      requests: () => 'requests',
    },
  })
  return {
    advance,
    timers,
    outbox,
    fill: (isFull: boolean) => void (controller.desiredSize = isFull ? 0 : 1),
    said: () => chunks.join('|'),
  }
}

function change(key: string): [string, FleetChange] {
  return [key, { seq: 1, type: 'reset', instance: key }]
}
