import { describe, expect, test } from 'vitest'
import { listNeeds, type NeedSources } from './list-needs.ts'

const now = Date.parse('2026-11-28T12:00:00Z')
const nothing: NeedSources = { instances: [], troubled: null, credentials: [], waiting: 0, now }
const status = {
  state: 'unreachable',
  reason: 'It refused the connection.',
  since: '2026-11-28T11:00:00Z',
  lastSeenAt: null,
} as const
const file = {
  file: 'east.kubeconfig',
  instance: 'east',
  state: 'accepted',
  reason: null,
  fix: null,
  warnings: [],
  since: '2026-11-28T11:00:00Z',
  cluster: null,
  expiresAt: null,
} as const
const deployment = {
  instance: 'east',
  namespace: 'a',
  name: 'llama',
  state: 'crashing',
  sentence: 'It ran out of memory.',
  replicas: { desired: 1, ready: 0, available: 0, running: 0 },
}

function listOf(sources: object) {
  return listNeeds({ ...nothing, ...sources })
}

describe('what needs somebody', () => {
  test('is nothing where all is well', () => {
    const ready = { id: 'east', status: { ...status, state: 'ready', reason: null } }
    expect(listOf({ instances: [ready], credentials: [file] })).toEqual([])
  })

  test('a lost instance, with the reason and the way to it', () => {
    expect(listOf({ instances: [{ id: 'east', status }] })).toMatchObject([
      {
        title: 'east cannot be reached',
        detail: 'It refused the connection.',
        action: { href: '/instances/east?tab=cluster' },
      },
    ])
  })

  test('an instance without a credential: by its file, for whoever may see why', () => {
    const lost = { id: 'east', status: { ...status, state: 'no-credential' } }
    expect(listOf({ instances: [lost] })).toMatchObject([{ title: 'east has no credential' }])
    const rejected = { ...file, state: 'rejected', reason: 'It runs a program.' }
    expect(listOf({ instances: [lost], credentials: [rejected] })).toMatchObject([
      { title: 'east.kubeconfig is rejected' },
    ])
  })

  test('the first deployments in trouble, and how many more there are', () => {
    const troubled = {
      items: Array.from({ length: 5 }, () => deployment),
      counts: { attention: 141 },
    }
    const needs = listOf({ troubled })
    expect(needs).toHaveLength(4)
    expect(needs[0]).toMatchObject({
      title: 'llama on east: Crashing',
      detail: 'It ran out of memory.',
      tone: 'bad',
    })
    expect(needs.at(-1)?.title).toBe('138 more deployments need attention')
    expect(needs.reduce((sum, { count }) => sum + count, 0)).toBe(141)
  })

  test.each([
    [{ ...file, state: 'rejected', reason: 'It runs a program.' }, 'east.kubeconfig is rejected'],
    [{ ...file, expiresAt: '2026-11-30T13:00:00Z' }, 'The credential of east expires in 2 days'],
    [{ ...file, expiresAt: '2026-11-28T11:00:00Z' }, 'The credential of east has expired'],
  ])('a credential that ends or is no use: %#', (credential, title) => {
    expect(listOf({ credentials: [credential] })).toMatchObject([{ title }])
  })

  test('a credential that ends in a month needs nobody yet', () => {
    expect(listOf({ credentials: [{ ...file, expiresAt: '2026-12-28T12:00:00Z' }] })).toEqual([])
  })

  test('requests that wait', () => {
    expect(listOf({ waiting: 2 })).toMatchObject([
      { title: '2 access requests are waiting', count: 2 },
    ])
  })
})
