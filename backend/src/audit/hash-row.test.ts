import { describe, expect, test } from 'vitest'
import { chainStart, hashRow, toStorable, type ChainedContent } from './chain.ts'

const row: ChainedContent = {
  seq: 1,
  occurredAt: new Date('2026-01-01T00:00:00.123Z'),
  actor: 'oidc:ada',
  userId: 'u',
  action: 'deployment.create',
  target: { b: [1, { y: 'ü', x: null }], a: true },
  before: null,
  after: { n: 1.5 },
  outcome: 'success',
  reason: null,
  requestId: 'r',
  ip: '10.0.0.1',
  clusterAuditId: null,
  via: null,
}
const hashOf = (change: Partial<ChainedContent> = {}, previous = chainStart) =>
  hashRow({ ...row, ...change }, previous)

describe('the hash of a row', () => {
  test('is for ever: what is in the databases was made by it', () => {
    expect(hashOf()).toBe('ef5e910acb098db74c05e62f16e650ba39285e352bc5e0eeed070793c1dfa913')
  })

  test('is another for every part of the row, and for the row before', () => {
    const changes: Partial<ChainedContent>[] = [
      {},
      { seq: 2 },
      { occurredAt: new Date('2026-01-01T00:00:00.124Z') },
      { actor: 'oidc:bob' },
      { userId: null },
      { action: 'deployment.delete' },
      { target: null },
      { target: { b: [{ y: 'ü', x: null }, 1], a: true } },
      { target: { b: [1, { y: 'ü' }], a: true } },
      { target: { b: [1, { y: 'ü', x: 'null' }], a: true } },
      { before: {} },
      { after: null },
      { outcome: 'denied' },
      { reason: 'no' },
      { requestId: 's' },
      { ip: null },
      { clusterAuditId: 'c' },
      { via: { door: 'mcp', tool: 'list_pods' } },
      { via: { door: 'mcp', tool: 'list_events' } },
      { via: {} },
      // What stands in one field is not the same in another.
      { before: row.after, after: row.before },
    ]
    const hashes = changes.map((change) => hashOf(change))
    expect(new Set([...hashes, hashOf({}, 'f'.repeat(64))]).size).toBe(changes.length + 1)
  })

  test('is the same in whatever order a database gives keys back', () => {
    expect(hashOf({ target: { a: true, b: [1, { x: null, y: 'ü' }] } })).toBe(hashOf())
    const keys = ['b', 'a', 'ä', 'Z', 'aa', '']
    const target = (order: string[]) => Object.fromEntries(order.map((key) => [key, key]))
    expect(hashOf({ target: target(keys) })).toBe(hashOf({ target: target(keys.toReversed()) }))
  })
})

describe('what is stored', () => {
  test('is plain JSON, as both databases give it back', () => {
    const at = new Date('2026-01-01T00:00:00Z')
    expect(
      toStorable({ at, none: undefined, zero: -0, list: [undefined, 1, null], no: null }),
    ).toEqual({ at: at.toISOString(), zero: 0, list: [null, 1, null], no: null })
    expect(toStorable(null)).toBeNull()
    expect(toStorable([1, 'a', true])).toEqual([1, 'a', true])
  })

  test('holds no text that PostgreSQL refuses, in values and in keys', () => {
    expect(toStorable({ 'a\0': ['b\0c', { '\ud800': '\udc00' }] })).toEqual({
      'a\uFFFD': ['b\uFFFDc', { '\uFFFD': '\uFFFD' }],
    })
    expect(toStorable('a\0\0')).toBe('a\uFFFD\uFFFD')
    expect(toStorable('😀')).toBe('😀')
  })
})
