import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TargetOutcome } from '@hub/shared'
import { sampleDeployment } from '../sample-deployment.ts'
import { listAllowed, nameBulk } from './bulk-words.ts'
import { describeOutcome } from './outcome-list.tsx'
import { runTargets, type Asked } from './run-targets.ts'

const fetchPlayed = vi.fn<typeof fetch>()
beforeEach(() => vi.stubGlobal('fetch', fetchPlayed))
afterEach(() => {
  vi.unstubAllGlobals()
  fetchPlayed.mockReset()
})

const outcome = (name: string, of: TargetOutcome['outcome'] = 'done'): TargetOutcome => ({
  instance: 'prod-east',
  namespace: 'team-a',
  name,
  outcome: of,
  deployment: null,
  warnings: [],
  problem: null,
})

const asked: Asked = {
  what: 'change',
  input: {
    action: 'restart',
    deployments: [{ instance: 'prod-east', namespace: 'team-a', name: 'a', uid: 'u' }],
  },
}

const event = (type: string, data: unknown) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`

test('each outcome is told as it comes, under the key that it is asked by', async () => {
  const stream = event('outcome', outcome('a')) + event('outcome', outcome('b', 'failed'))
  fetchPlayed.mockResolvedValue(new Response(stream + event('end', { done: 1 })))
  const told: string[] = []
  await runTargets(asked, 'k1', ({ name, outcome: of }) => told.push(`${name} ${of}`))
  expect(told).toEqual(['a done', 'b failed'])
  const [address, sent] = fetchPlayed.mock.calls[0]!
  expect(address).toBe('/api/deployments/actions')
  expect(new Headers(sent?.headers).get('accept')).toBe('text/event-stream')
  expect(new Headers(sent?.headers).get('idempotency-key')).toBe('k1')
})

test('a stream that breaks off may have gone on, and says so', async () => {
  fetchPlayed.mockResolvedValue(new Response(event('outcome', outcome('a'))))
  await expect(runTargets(asked, 'k1', () => {})).rejects.toMatchObject({ mayHaveHappened: true })
})

test('what came of a target is said in words', () => {
  expect(describeOutcome(undefined, true, 'Done.').tone).toBe('busy')
  expect(describeOutcome(outcome('a'), false, 'Done.')).toEqual({ tone: 'good', words: 'Done.' })
  const refused = {
    ...outcome('a', 'failed'),
    problem: {
      code: 'forbidden' as const,
      detail: 'You may not.',
      errors: [{ pointer: '/spec', detail: 'no' }],
    },
  }
  expect(describeOutcome(refused, false, 'Done.')).toEqual({
    tone: 'bad',
    words: 'You may not. /spec no',
  })
  expect(describeOutcome(outcome('a', 'unknown'), false, 'Done.').words).toContain('may have')
})

test('only those that somebody may change so are changed', () => {
  const kept = sampleDeployment({ name: 'kept', abilities: { update: true, delete: false } })
  const all = [sampleDeployment(), kept]
  expect(listAllowed(all, 'delete').map(({ name }) => name)).toEqual(['llama'])
  expect(listAllowed(all, 'scale')).toHaveLength(2)
  expect([nameBulk('delete', 1), nameBulk('scale', 2)]).toEqual([
    'Delete 1 deployment',
    'Scale 2 deployments',
  ])
})
