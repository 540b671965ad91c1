import { deploymentSorts } from '@hub/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEntryStore, type KeptEntry } from './entry-store.ts'
import { primaries, type OrderField } from './order-entries.ts'
import { presentDeployment } from './present-deployment.ts'
import type { FleetDeployment } from './read-deployment.ts'
import { readObjectFacts } from './read-object-facts.ts'
import { createEntry } from './snapshot-entry.ts'

const fromList = { appliedAt: null, recounts: 0 }
const place = fc.record({
  namespace: fc.constantFrom('team-a', 'team-b', 'team-c'),
  name: fc.stringMatching(/^[a-c][a-c0-1]{0,2}$/),
})
const step = fc.oneof(
  fc.record({
    type: fc.constant('set' as const),
    at: place,
    phase: fc.constantFrom('Running', 'Pending', 'Failed', undefined, 'x'.repeat(70)),
    month: fc.integer({ min: 1, max: 4 }),
    message: fc.constantFrom('one', 'two'),
  }),
  fc.record({ type: fc.constant('unset' as const), at: place }),
  fc.record({ type: fc.constant('unsort' as const) }),
  fc.record({ type: fc.constant('ask' as const), field: fc.constantFrom(...deploymentSorts) }),
)

describe('createEntryStore', () => {
  it('keeps every order that was asked for, and counts, whatever changes in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const store = createEntryStore()
        const known = new Map<string, KeptEntry>()
        const asked: [kept: string[], naive: string[]][] = []
        for (const each of steps) {
          if (each.type === 'set') {
            const entry = entryOf(each.at, each)
            store.set(entry)
            known.set(`${each.at.namespace}/${each.at.name}`, entry)
          } else if (each.type === 'unset') {
            store.unset(entryOf(each.at, { month: 1 }).deployment)
            known.delete(`${each.at.namespace}/${each.at.name}`)
          } else if (each.type === 'unsort') store.unsort()
          else {
            const kept = store.ordered(each.field).map(({ openJson }) => openJson)
            asked.push([kept, sorted(known, each.field).map(({ openJson }) => openJson)])
          }
        }
        for (const [kept, naive] of asked) expect(kept).toEqual(naive)
        for (const field of deploymentSorts) {
          expect(store.ordered(field)).toEqual(sorted(known, field))
        }
        const all = store.namespaces()
        expect(all.flatMap(({ entries }) => entries)).toEqual(sorted(known, 'instance'))
        for (const { counts, entries } of all) {
          expect(entries).not.toHaveLength(0)
          for (const status of ['running', 'starting', 'attention', 'deleting'] as const) {
            expect(counts[status]).toBe(entries.filter((one) => one.status === status).length)
          }
        }
        const bytes = [...known.values()].reduce((sum, { openJson }) => sum + openJson.length, 0)
        expect(store.size()).toEqual({ objects: known.size, bytes })
      }),
      { numRuns: 300 },
    )
  })

  it.each<[boolean, Partial<FleetDeployment>]>([
    [true, { message: 'later' }],
    [true, { resourceVersion: '9' }],
    [true, { replicas: { desired: 3, ready: 2, available: 2, running: null } }],
    [false, { uid: 'another' }],
    [false, { state: 'deleting' }],
    [false, { phase: 'Pending' }],
    [false, { createdAt: '2026-02-01T00:00:00.000Z' }],
    [false, { createdBy: 'oidc:ann' }],
    [false, { engine: 'vllm' }],
    [false, { runtime: 'kaito' }],
    [false, { gpus: { perReplica: 1, type: null, held: null } }],
    [false, { model: { id: 'org/a', servedName: null, source: null } }],
    [false, { model: { id: null, servedName: 'a', source: null } }],
  ])('in place: %s of what becomes %j', (isInPlace, change) => {
    const store = createEntryStore()
    const before = entryOf({ namespace: 'team-a', name: 'a' }, { month: 1, phase: 'Running' })
    store.set(before)
    const { deployment, object } = before
    expect(store.set(createEntry({ ...deployment, ...change }, object, fromList))).toBe(isInPlace)
  })

  it('whoever keeps one that stays where it is has what is known of it now', () => {
    const store = createEntryStore()
    const at = { namespace: 'team-a', name: 'a' }
    const of = (message: string, phase: string) => entryOf(at, { month: 1, message, phase })
    expect(store.set(of('one', 'Running'))).toBe(false)
    const kept = store.ordered('name')[0]!
    const later = of('two', 'Running')
    expect(store.set(later)).toBe(true)
    expect(kept).toEqual(later)
    expect(store.find('team-a', 'a')).toBe(kept)
    expect(store.set(of('two', 'Failed'))).toBe(false)
    expect(kept).toEqual(later)
    expect(store.ordered('name')[0]).toEqual(of('two', 'Failed'))
  })
})

function entryOf(
  { name, namespace }: { namespace: string; name: string },
  { message = '', month, phase }: { message?: string; month: number; phase?: string | undefined },
): KeptEntry {
  const object = {
    metadata: { name, namespace, uid: 'u', creationTimestamp: `2026-0${month}-01T00:00:00Z` },
    status: { message, ...(phase !== undefined && { phase }) },
  }
  const deployment = presentDeployment('prod', 'airunway.ai', object, new Date(0))!
  return createEntry(deployment, readObjectFacts(object), fromList)
}

function sorted(known: ReadonlyMap<string, KeptEntry>, field: OrderField): KeptEntry[] {
  const key = ({ deployment }: KeptEntry) =>
    [primaries[field](deployment), deployment.namespace, deployment.name].join('\u0000')
  return [...known.values()].toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
