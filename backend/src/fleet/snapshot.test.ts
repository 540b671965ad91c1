import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#kube'
import type { FleetChangeBody } from './change-log.ts'
import { nothingLive, type LiveFacts } from './explain/facts.ts'
import type { PodTally } from './read-deployment.ts'
import { readRuntime } from './runtimes.ts'
import { createSnapshot, type Snapshot, type SnapshotOptions } from './snapshot.ts'

const group = 'airunway.ai'

describe('createSnapshot', () => {
  it('replaces all at once and tells only the differences', () => {
    const { changes, snapshot } = open()
    replace(snapshot, [object('a', 1), object('b', 2), object('c', 3)], '3')
    changes.length = 0
    let seenWhenTold: string[] = []
    const { snapshot: watched } = open(() => {
      seenWhenTold = watched.list().map(({ name }) => name)
    })
    replace(watched, [object('a', 1), object('b', 2)], '2')
    expect(seenWhenTold).toEqual(['a', 'b'])
    replace(snapshot, [object('a', 1), object('b', 5), object('d', 6)], '6')
    expect(changes.map(describeChange)).toEqual(['upsert b', 'upsert d', 'remove c'])
    expect(snapshot.list().map(({ name }) => name)).toEqual(['a', 'b', 'd'])
  })

  it.each([
    ['its message', { status: { message: 'still going' } }, true],
    ['its ready replicas', { status: { replicas: { ready: 1 } } }, true],
    ['its phase', { status: { phase: 'Failed' } }, false],
    ['its runtime', { status: { provider: { name: 'kaito' } } }, false],
    ['its engine', { spec: { engine: { type: 'vllm' } } }, false],
    ['its model', { spec: { model: { id: 'org/other' } } }, false],
    ['its GPU', { spec: { resources: { gpu: { count: 1, type: 'a100' } } } }, false],
    ['its owner', { metadata: { annotations: { 'airunway.ai/created-by': 'oidc:eve' } } }, false],
    [
      'that it is being deleted',
      { metadata: { deletionTimestamp: '2026-01-02T00:00:00Z' } },
      false,
    ],
    ['its uid', { metadata: { uid: 'another' } }, false],
    ['when it was made', { metadata: { creationTimestamp: '2026-01-03T00:00:00Z' } }, false],
  ])('tells of a change of %s whether lists have it elsewhere', (_, change, isInPlace) => {
    const merge = (base: KubeObject, part: Record<string, object>): KubeObject =>
      Object.fromEntries(
        Object.entries({ ...base, ...part }).map(([key, value]) => [
          key,
          part[key] ? { ...(base[key] as object | undefined), ...part[key] } : value,
        ]),
      )
    for (const how of ['event', 'replace'] as const) {
      const { changes, snapshot } = open()
      snapshot.event(group, { type: 'ADDED', object: object('a', 1) })
      const later = merge(object('a', 2), change)
      if (how === 'event') snapshot.event(group, { type: 'MODIFIED', object: later })
      else replace(snapshot, [later], '2')
      expect(changes).toMatchObject([{ isInPlace: false }, { type: 'upsert', isInPlace }])
    }
  })

  it('tells one reset where very much changed', () => {
    const { changes, snapshot } = open()
    replace(
      snapshot,
      Array.from({ length: 501 }, (_, i) => object(`n${i}`, i)),
      '999',
    )
    expect(changes).toEqual([{ type: 'reset', instance: 'prod' }])
    expect(snapshot.list()).toHaveLength(501)
  })

  it('follows events and ignores what is older than it knows', () => {
    const { changes, snapshot } = open()
    snapshot.event(group, { type: 'ADDED', object: object('a', 9) })
    snapshot.event(group, { type: 'MODIFIED', object: object('a', 10) })
    snapshot.event(group, { type: 'MODIFIED', object: object('a', 9) })
    snapshot.event(group, { type: 'DELETED', object: object('a', 8) })
    expect(snapshot.get('team-a', 'a')?.resourceVersion).toBe('10')
    snapshot.event(group, { type: 'DELETED', object: object('a', 11) })
    snapshot.event(group, { type: 'DELETED', object: object('a', 12) })
    expect(snapshot.list()).toEqual([])
    expect(changes.map(describeChange)).toEqual(['upsert a', 'upsert a', 'remove a'])
  })

  it('compares versions as numbers beyond 2^53', () => {
    const { snapshot } = open()
    snapshot.event(group, { type: 'ADDED', object: object('a', '9007199254740993') })
    snapshot.event(group, { type: 'MODIFIED', object: object('a', '9007199254740992') })
    expect(snapshot.get('team-a', 'a')?.resourceVersion).toBe('9007199254740993')
    snapshot.event(group, { type: 'MODIFIED', object: object('a', '10000000000000000') })
    expect(snapshot.get('team-a', 'a')?.resourceVersion).toBe('10000000000000000')
  })

  it('shows what the hub wrote before the watch does, and not when it is older', () => {
    const { changes, snapshot } = open()
    expect(snapshot.apply(group, object('a', 20))?.name).toBe('a')
    snapshot.event(group, { type: 'ADDED', object: object('a', 20) })
    expect(snapshot.apply(group, object('a', 19))?.resourceVersion).toBe('20')
    expect(changes.map(describeChange)).toEqual(['upsert a'])
  })

  it('keeps what the hub wrote through a list that is older, but not for ever', () => {
    const { advance, snapshot } = open()
    snapshot.apply(group, object('a', 20))
    replace(snapshot, [object('b', 5)], '15')
    expect(snapshot.list().map(({ name }) => name)).toEqual(['a', 'b'])
    replace(snapshot, [object('a', 12), object('b', 5)], '16')
    expect(snapshot.get('team-a', 'a')?.resourceVersion).toBe('20')
    replace(snapshot, [object('b', 5)], '21')
    expect(snapshot.list().map(({ name }) => name)).toEqual(['b'])
    // A cluster restored from a backup counts from an earlier number.
    snapshot.apply(group, object('a', 500))
    advance(61_000)
    replace(snapshot, [object('b', 5)], '30')
    expect(snapshot.list().map(({ name }) => name)).toEqual(['b'])
  })

  it('does not take a namesake for what was deleted', () => {
    const { snapshot } = open()
    snapshot.apply(group, object('a', 30, 'new'))
    snapshot.event(group, { type: 'DELETED', object: object('a', 25, 'old') })
    snapshot.remove({ namespace: 'team-a', name: 'a', uid: 'old' })
    expect(snapshot.get('team-a', 'a')?.uid).toBe('new')
    snapshot.remove({ namespace: 'team-a', name: 'a', uid: 'new' })
    expect(snapshot.get('team-a', 'a')).toBeNull()
  })

  it('does not bring back what was gone before the answer to its deletion came', () => {
    const { changes, snapshot } = open()
    snapshot.event(group, { type: 'ADDED', object: object('a', 9) })
    snapshot.event(group, { type: 'DELETED', object: object('a', 11) })
    expect(snapshot.apply(group, object('a', 10))).toBeNull()
    snapshot.event(group, { type: 'DELETED', object: object('b', 11) })
    expect(snapshot.apply(group, object('b', 10))).toBeNull()
    snapshot.apply(group, object('c', 12))
    replace(snapshot, [], '13')
    expect(snapshot.apply(group, object('c', 12))).toBeNull()
    expect(snapshot.list()).toEqual([])
    expect(snapshot.apply(group, object('a', 14, 'a-namesake'))?.uid).toBe('a-namesake')
    expect(changes.map(describeChange)).toEqual([
      'upsert a',
      'remove a',
      'upsert c',
      'remove c',
      'upsert a',
    ])
  })

  it('keeps what a list had with what was read around it meanwhile', () => {
    const around = { tally: null as PodTally | null }
    const { snapshot } = open(() => {}, { podsOf: () => around.tally })
    replace(snapshot, [object('a', 1)], '1')
    const listed = [object('a', 1), object('b', 2)].map((each) => snapshot.read(group, each)!)
    around.tally = { running: 2, runningGpus: 4, heldGpus: 4 }
    snapshot.recount('all')
    snapshot.replace(listed, '2')
    expect(snapshot.list().map(({ gpus, replicas }) => [gpus.held, replicas.running])).toEqual([
      [4, 2],
      [4, 2],
    ])
  })

  it.each<[string[], string]>([
    [[], 'runtime-missing'],
    [['vllm'], 'running'],
  ])('with the runtimes %j, what says that it runs and has no pods is %s', (installed, state) => {
    const around = { runtimes: null as LiveFacts['runtimes'] }
    const { snapshot } = open(() => {}, {
      podsOf: () => ({ running: 0, runningGpus: 0, heldGpus: 0 }),
      liveOf: () => ({ ...nothingLive, pods: [], runtimes: around.runtimes }),
    })
    const status = {
      phase: 'Running',
      provider: { name: 'vllm' },
      replicas: { desired: 1, ready: 1 },
      observedGeneration: 1,
    }
    replace(snapshot, [{ ...object('a', 1), status }], '1')
    expect(snapshot.get('team-a', 'a')?.state).toBe('running')
    around.runtimes = installed.map((name) =>
      readRuntime({ metadata: { name }, status: { ready: true } })!,
    )
    snapshot.recount('unsettled')
    expect(snapshot.get('team-a', 'a')?.state).toBe(state)
  })

  it('ignores what has no name', () => {
    const { changes, snapshot } = open()
    replace(snapshot, [{}, { metadata: { name: 'x' } }], '1')
    snapshot.event(group, { type: 'ADDED', object: {} })
    expect(snapshot.apply(group, { metadata: {} })).toBeNull()
    expect(changes).toEqual([])
  })

  it('tells each object when it is cleared', () => {
    const { changes, snapshot } = open()
    replace(snapshot, [object('a', 1), object('b', 2)], '2')
    changes.length = 0
    snapshot.clear()
    expect(changes.map(describeChange)).toEqual(['remove a', 'remove b'])
    expect(snapshot.list()).toEqual([])
  })
})

function open(
  onChange: () => void = () => {},
  around: Pick<SnapshotOptions, 'podsOf' | 'liveOf'> = {},
) {
  const changes: FleetChangeBody[] = []
  let now = 0
  const snapshot = createSnapshot('prod', {
    emit: (change) => {
      changes.push(change)
      onChange()
    },
    now: () => now,
    clock: () => new Date(now),
    ...around,
  })
  return { changes, snapshot, advance: (ms: number) => (now += ms) }
}

function replace(snapshot: Snapshot, objects: KubeObject[], resourceVersion: string): void {
  const entries = objects.flatMap((each) => snapshot.read(group, each) ?? [])
  snapshot.replace(entries, resourceVersion)
}

function object(name: string, resourceVersion: number | string, uid = `uid-${name}`): KubeObject {
  return {
    metadata: { name, namespace: 'team-a', uid, resourceVersion: String(resourceVersion) },
    spec: { model: { id: 'x/y' } },
  }
}

function describeChange(change: FleetChangeBody): string {
  switch (change.type) {
    case 'upsert':
      return `upsert ${change.deployment.name}`
    case 'remove':
      return `remove ${change.name}`
    default:
      return change.type
  }
}
