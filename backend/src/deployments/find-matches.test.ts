import { expect, test } from 'vitest'
import type { DeploymentFilter } from '@hub/shared'
import { createSnapshot } from '../fleet/snapshot.ts'
import { createMatches, type Listed } from './find-matches.ts'

type Phases = Record<string, 'Running' | 'Failed'>

/** Instances with `<namespace>/<name>` each; `looksOf` says which of them are looked through meanwhile. */
function fill(held: Record<string, Phases>) {
  const versions = new Map(Object.keys(held).map((id) => [id, 1]))
  const snapshots = new Map(Object.entries(held).map(([id, own]) => [id, toSnapshot(id, own)]))
  const looks: string[] = []
  const note = <T>(id: string, of: T): T => {
    looks.push(id)
    return of
  }
  const find = createMatches({
    instanceIds: () => [...versions.keys()],
    placesVersionOf: ([id]) => versions.get(id!) ?? 0,
    namespaces: (id) => note(id, snapshots.get(id)!.namespaces()),
    ordered: (id, field) => note(id, snapshots.get(id)!.ordered(field)),
  })
  const looksOf = (act: () => unknown) => {
    looks.length = 0
    act()
    return [...looks]
  }
  return { find, looksOf, versions }
}

function toSnapshot(id: string, own: Phases) {
  const snapshot = createSnapshot(id, { emit: () => {}, now: () => 0, clock: () => new Date(0) })
  const read = Object.entries(own).flatMap(([path, phase]) => {
    const [namespace = '', name = ''] = path.split('/')
    const metadata = { name, namespace, uid: path, resourceVersion: '1' }
    const object = {
      metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { model: { id: `org/${name}` }, engine: { type: 'vllm' }, scaling: { replicas: 1 } },
      status: { phase, replicas: { ready: phase === 'Running' ? 1 : 0 } },
    }
    return snapshot.read('airunway.ai', object) ?? []
  })
  snapshot.replace(read, '1')
  return snapshot
}

const namesOf = (listed: Listed, id = 'east') =>
  listed.ordered(id, 'name').map(({ deployment }) => deployment.name)

const east: Phases = {
  'team-a/qwen-2': 'Failed',
  'team-a/qwen-1': 'Running',
  'team-a/llama': 'Running',
  'team-b/llama': 'Running',
  'team-b/qwen-0': 'Running',
}

test('what a filter counts stands by namespace, with its counts, and in order', () => {
  const { find } = fill({ east })
  const found = find({ q: 'QWEN', namespace: 'elsewhere', status: 'running' })
  expect(namesOf(found)).toEqual(['qwen-0', 'qwen-1', 'qwen-2'])
  const [teamA, teamB] = found.namespaces('east')
  expect(teamA!.entries.map(({ deployment }) => deployment.name)).toEqual(['qwen-1', 'qwen-2'])
  expect(teamA!.counts).toEqual({ running: 1, attention: 1, starting: 0, deleting: 0 })
  expect(teamB!.counts).toEqual({ running: 1, attention: 0, starting: 0, deleting: 0 })
})

test.each<[DeploymentFilter, string[]]>([
  [{ model: 'org/llama' }, ['llama', 'llama']],
  [{ engine: 'vllm', q: 'qwen-1' }, ['qwen-1']],
  [{ engine: 'sglang' }, []],
  [{ owner: 'oidc:ann' }, []],
  [{ gpu: 'h100' }, []],
])('of %j', (filter, names) => {
  const found = fill({ east }).find(filter)
  expect(namesOf(found)).toEqual(names)
  expect(found.namespaces('east').flatMap(({ entries }) => entries)).toHaveLength(names.length)
})

test('an instance is looked through again only where something changed there', () => {
  const { find, looksOf, versions } = fill({ east, west: { 'team-a/qwen-3': 'Running' } })
  const look = () => {
    const found = find({ q: 'qwen' })
    for (const id of ['east', 'west']) {
      found.namespaces(id)
      found.ordered(id, 'name')
    }
  }
  expect(looksOf(look)).toEqual(['east', 'east', 'west', 'west'])
  expect(looksOf(look)).toEqual([])
  versions.set('west', 2)
  expect(looksOf(look)).toEqual(['west', 'west'])
  expect(looksOf(() => find({ q: 'qwen' }).ordered('east', 'createdAt'))).toEqual(['east'])
})

test('each filter has its own matches, and those of filters long ago are forgotten', () => {
  const { find, looksOf } = fill({ east })
  expect(namesOf(find({ q: 'qwen' }))).toHaveLength(3)
  expect(namesOf(find({ q: 'llama' }))).toHaveLength(2)
  for (let index = 0; index < 63; index += 1) find({ q: `q${index}` })
  expect(looksOf(() => namesOf(find({ q: 'llama' })))).toEqual([])
  expect(looksOf(() => namesOf(find({ q: 'qwen' })))).toEqual(['east'])
})

test('nothing is kept of an instance that is gone', () => {
  const { find, looksOf, versions } = fill({ east, west: east })
  const look = (id: string) => looksOf(() => namesOf(find({ q: 'qwen' }), id))
  expect([look('east'), look('west')]).toEqual([['east'], ['west']])
  versions.delete('west')
  expect(look('east')).toEqual(['east'])
})
