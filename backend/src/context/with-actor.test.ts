import { expect, test } from 'vitest'
import type { Actor, RequestContext } from '#context'
import { contextOf } from '../../test/contexts.ts'
import { withActor } from './request-context.ts'

const system: Actor = { type: 'system' }

/** How many objects stand between a context and what it answers with. */
function countObjects(ctx: object): number {
  const seen = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    if (value === Object.prototype) return
    seen.add(value)
    visit(Object.getPrototypeOf(value))
    if ('request' in value) visit(value.request)
  }
  visit(ctx)
  return seen.size
}

test('H6: a context that took another actor a thousand times is no longer than after the first', () => {
  const ctx = contextOf(null)
  const once = withActor(ctx, system)
  let often = once
  for (let count = 0; count < 1_000; count += 1) often = withActor(often, { type: 'anonymous' })
  expect(countObjects(often)).toBe(countObjects(once))
  expect(often.actor).toEqual({ type: 'anonymous' })
  expect(once.actor).toBe(system)
})

test('H6: it answers as the request does, when it is asked', () => {
  let made = 0
  const ctx: RequestContext = {
    ...contextOf(null, { requestId: 'r', ip: '192.0.2.1', userAgent: 'test' }),
    get log() {
      made += 1
      return contextOf(null).log
    },
  }
  const derived = withActor(withActor(ctx, system), system)
  expect(made).toBe(0)
  const { db, ip, log, now, requestId, signal, userAgent } = derived
  expect({ db, ip, now, requestId, signal, userAgent }).toEqual({
    db: ctx.db,
    ip: '192.0.2.1',
    now: ctx.now,
    requestId: 'r',
    signal: ctx.signal,
    userAgent: 'test',
  })
  expect(log).toBe(contextOf(null).log)
  expect(made).toBe(1)
  derived.actor = { type: 'anonymous' }
  expect(ctx.actor).not.toBe(derived.actor)
})
