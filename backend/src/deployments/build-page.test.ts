import {
  DeploymentList,
  type DeploymentsQuery,
  type DeploymentStatusFilter,
  type Grant,
} from '@hub/shared'
import { describe, expect, it } from 'vitest'
import type { Fleet, FleetEntry } from '#fleet'
import { contextOf, grant } from '../../test/contexts.ts'
import { createSnapshot } from '../fleet/snapshot.ts'
import { createVisibilities } from '../fleet/visibility.ts'
import { createVisibleInstances } from '../fleet/visible-instances.ts'
import type { DeploymentDeps } from './deps.ts'
import { createDeploymentList } from './list-deployments.ts'

/** `<instance>/<namespace>/<name>`, and its status. */
type Held = Record<string, DeploymentStatusFilter>

const phases = {
  running: 'Running',
  starting: 'Deploying',
  attention: 'Failed',
  deleting: 'Terminating',
} as const

/** Lists over instances that hold these; how often one of their entries is looked at is counted by instance. */
function fill(held: Held) {
  const ids = [...new Set(Object.keys(held).map((path) => path.split('/')[0]!))].toSorted()
  const reads = new Map(ids.map((id) => [id, 0]))
  const snapshots = new Map(
    ids.map((id) => {
      const snapshot = createSnapshot(id, {
        emit: () => {},
        now: () => 0,
        clock: () => new Date(0),
      })
      const own = Object.entries(held).filter(([path]) => path.startsWith(`${id}/`))
      const read = own.flatMap(([path, status]) => {
        const [, namespace = '', name = ''] = path.split('/')
        return snapshot.read('airunway.ai', toObject(namespace, name, status)) ?? []
      })
      snapshot.replace(read, '1')
      return [id, snapshot]
    }),
  )
  const counted = (id: string, entries: readonly FleetEntry[]) =>
    new Proxy(entries, {
      get: (target, key) => {
        if (typeof key === 'string' && /^[0-9]+$/.test(key)) reads.set(id, reads.get(id)! + 1)
        return Reflect.get(target, key) as unknown
      },
    })
  /** Of what is known, and of who is where. */
  const at = { contents: 1, places: 1 }
  const versionOf = (of: keyof typeof at) => ({ latest: () => at[of], of: () => at[of] })
  const fleet = {
    instanceIds: () => ids,
    namespaces: (id) =>
      snapshots
        .get(id)!
        .namespaces()
        .map((each) => ({ ...each, entries: counted(id, each.entries) })),
    ordered: (id, field) => counted(id, snapshots.get(id)!.ordered(field)),
    visibilityOf: createVisibilities(),
    placesVersionOf: () => at.places,
    visibleInstances: createVisibleInstances({
      instanceIds: () => ids,
      versions: { contents: versionOf('contents'), places: versionOf('places') },
    }),
    instanceState: () => ({ synced: true, reason: null }),
  } satisfies Partial<Fleet> as unknown as Fleet
  const build = createDeploymentList({
    fleet,
    instances: { find: (id: string) => (ids.includes(id) ? { id } : null) },
  } as unknown as DeploymentDeps)
  const list = (grants: Grant[], query: DeploymentsQuery) =>
    DeploymentList.parse(JSON.parse(Buffer.from(build(contextOf(grants), query).bytes).toString()))
  return { at, build, list, reads }
}

function toObject(namespace: string, name: string, status: DeploymentStatusFilter) {
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { model: { id: `org/${name}` }, engine: { type: 'vllm' }, scaling: { replicas: 1 } },
    status: { phase: phases[status], replicas: { ready: status === 'running' ? 1 : 0 } },
  }
}

const pathOf = (each: DeploymentList['items'][number]) =>
  `${each.instance}/${each.namespace}/${each.name}`

const few: Held = {
  'east/team-a/one': 'running',
  'east/team-a/two': 'starting',
  'east/team-a/three': 'attention',
  'east/team-a/four': 'deleting',
  'east/team-b/one': 'attention',
  'east/team-b/five': 'running',
  'north/team-a/six': 'running',
  'west/team-a/one': 'running',
  'west/team-a/six': 'attention',
  'west/team-c/seven': 'starting',
}
/** All of east, of west one namespace. */
const some = [
  grant('viewer', { instanceId: 'east' }),
  grant('viewer', { instanceId: 'west', namespaces: ['team-a'] }),
]

describe('a page of deployments', () => {
  const { list } = fill(few)
  const seen = [
    'east/team-a/four',
    'east/team-a/one',
    'east/team-a/three',
    'east/team-a/two',
    'east/team-b/five',
    'east/team-b/one',
    'west/team-a/one',
    'west/team-a/six',
  ]
  const counts = { running: 3, starting: 1, attention: 3, deleting: 1 }

  it.each<[DeploymentsQuery, string[]]>([
    [{}, seen],
    [{ sort: '-instance' }, seen.toReversed()],
    [{ namespace: 'team-b' }, ['east/team-b/five', 'east/team-b/one']],
    [{ namespace: 'team-c' }, []],
    [{ instance: 'west' }, ['west/team-a/one', 'west/team-a/six']],
    [{ status: 'running' }, ['east/team-a/one', 'east/team-b/five', 'west/team-a/one']],
    [{ status: 'deleting' }, ['east/team-a/four']],
    [{ status: 'attention', namespace: 'team-a' }, ['east/team-a/three', 'west/team-a/six']],
    [{ status: 'starting', instance: 'west' }, []],
    [{ q: 'six' }, ['west/team-a/six']],
    [{ q: 'ONE team-a' }, ['east/team-a/one', 'west/team-a/one']],
    [{ q: 'one', status: 'running' }, ['east/team-a/one', 'west/team-a/one']],
    [{ q: 'one', namespace: 'team-b' }, ['east/team-b/one']],
    [{ model: 'org/six' }, ['west/team-a/six']],
  ])('of %j has what is asked for, whatever the size of the page', (query, expected) => {
    expect(list(some, query).items.map(pathOf)).toEqual(expected)
    for (const limit of new Set([1, 2, 3, expected.length || 1, expected.length + 1])) {
      const pages: string[][] = []
      let cursor: string | undefined
      do {
        const page = list(some, { ...query, limit, ...(cursor !== undefined && { cursor }) })
        expect(page.total).toBe(expected.length)
        pages.push(page.items.map(pathOf))
        cursor = page.next ?? undefined
      } while (cursor !== undefined && pages.length <= expected.length)
      expect(pages.flat()).toEqual(expected)
      expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / limit)))
      for (const offset of new Set([0, 1, limit, expected.length, expected.length + 1])) {
        const page = list(some, { ...query, limit, offset })
        expect(page.items.map(pathOf)).toEqual(expected.slice(offset, offset + limit))
        expect(page.total).toBe(expected.length)
        expect(page.next === null).toBe(offset + limit >= expected.length)
      }
    }
  })

  it.each<[DeploymentsQuery, Partial<typeof counts>]>([
    [{}, counts],
    [{ status: 'running' }, counts],
    [{ namespace: 'team-a' }, { running: 2, starting: 1, attention: 2, deleting: 1 }],
    [
      { namespace: 'team-b', status: 'deleting' },
      { running: 1, attention: 1 },
    ],
    [{ instance: 'west' }, { running: 1, attention: 1 }],
    [{ q: 'one' }, { running: 2, attention: 1 }],
    [
      { q: 'one', status: 'attention' },
      { running: 2, attention: 1 },
    ],
    [{ namespace: 'team-c' }, {}],
  ])('of %j counts every status, at any place of the list', (query, expected) => {
    const all = { running: 0, starting: 0, attention: 0, deleting: 0, ...expected }
    for (const page of [{}, { limit: 1 }, { offset: 1 }, { offset: 1, limit: 1 }, { offset: 99 }]) {
      expect(list(some, { ...query, ...page }).counts).toEqual(all)
    }
  })

  it('says of each what the caller may do with it', () => {
    const held = [...some, grant('deployer', { instanceId: 'west', namespaces: ['team-a'] })]
    const searches: DeploymentsQuery[] = [{}, { limit: 2 }, { q: 'team' }, { offset: 1 }]
    for (const query of searches) {
      for (const { abilities, instance } of list(held, { ...query, sort: '-instance' }).items) {
        expect(abilities.delete).toBe(instance === 'west')
      }
    }
  })
})

describe('in a large fleet', () => {
  const statuses = ['running', 'attention', 'starting', 'running'] as const
  const many: Held = { 'east/rare/last': 'deleting', 'west/other/last': 'running' }
  for (let at = 100; at < 500; at += 1) {
    many[`east/team-${at % 2}/n${at}`] = statuses[at % 4]!
    many[`west/team-${at % 2}/n${at}`] = 'running'
  }
  const paths = Object.keys(many).toSorted()
  const everything = [grant('viewer')]

  const none = { east: 0, west: 0 }
  let filled: ReturnType<typeof fill> | null = null
  const readsOf = (query: DeploymentsQuery, grants = everything) => {
    filled ??= fill(many)
    const before = new Map(filled.reads)
    const page = filled.list(grants, query)
    const reads = [...filled.reads].map(([id, count]) => [id, count - before.get(id)!])
    return { names: page.items.map(pathOf), reads: Object.fromEntries(reads) as typeof none }
  }

  it('a page reads about as many as it shows', () => {
    const { names, reads } = readsOf({ limit: 10 })
    expect(names).toEqual(paths.slice(0, 10))
    expect(reads.east + reads.west).toBeLessThan(50)
  })

  it('a page from deep in the list is found without reading what is before it', () => {
    const { names, reads } = readsOf({ limit: 10, offset: 390 })
    expect(names).toEqual(paths.slice(390, 400))
    // Where it begins is found by chance, in some hundred looks.
    expect(reads.east + reads.west).toBeLessThan(600)
  })

  it('a page of one status or namespace leaves out all others', () => {
    for (const sort of ['name', '-name'] as const) {
      const { names } = readsOf({ limit: 10, status: 'attention', namespace: 'team-1', sort })
      const wanted = paths
        .filter((path) => many[path] === 'attention' && path.includes('/team-1/'))
        .toSorted()
      expect(names).toEqual((sort === 'name' ? wanted : wanted.toReversed()).slice(0, 10))
    }
    expect(readsOf({ limit: 10, status: 'starting' }).names).toEqual(
      paths.filter((path) => many[path] === 'starting').slice(0, 10),
    )
    expect(readsOf({ limit: 10, namespace: 'team-0' }).names).toEqual(
      paths.filter((path) => path.includes('/team-0/')).slice(0, 10),
    )
    const deep = readsOf({ limit: 10, status: 'running', offset: 195, namespace: 'team-0' })
    expect(deep.names).toEqual(
      paths.filter((path) => many[path] === 'running' && path.includes('/team-0/')).slice(195, 205),
    )
  })

  it('what is rare is found where it is, without reading the rest', () => {
    const byStatus = readsOf({ limit: 10, status: 'deleting' })
    expect(byStatus.names).toEqual(['east/rare/last'])
    expect(byStatus.reads).toEqual({ ...none, east: 1 })
    const byNamespace = readsOf({ limit: 10, namespace: 'other' })
    expect(byNamespace.names).toEqual(['west/other/last'])
    expect(byNamespace.reads).toEqual({ ...none, west: 1 })
    const byRights = readsOf({ limit: 10 }, [grant('viewer', { namespaces: ['rare'] })])
    expect(byRights.names).toEqual(['east/rare/last'])
    expect(byRights.reads).toEqual({ ...none, east: 1 })
  })

  it('an instance that has none of what is asked for is not read', () => {
    const { names, reads } = readsOf({ limit: 5, status: 'attention' })
    expect(names).toHaveLength(5)
    expect(reads.west).toBe(0)
  })

  it('finds who is in a page again only where somebody is elsewhere', () => {
    const { at, list, reads } = fill(few)
    const lookAgain = () => {
      const before = [...reads.values()].reduce((sum, each) => sum + each, 0)
      expect(list(some, { sort: 'name' }).items).toHaveLength(8)
      return [...reads.values()].reduce((sum, each) => sum + each, 0) - before
    }
    const first = lookAgain()
    expect(first).toBeGreaterThan(0)
    expect(lookAgain()).toBe(0)
    at.contents += 1
    expect(lookAgain()).toBe(0)
    at.contents += 1
    at.places += 1
    expect(lookAgain()).toBe(first)
  })
})

it('keeps no more pages than 32 MiB hold, each with its compressed forms', () => {
  const long = Object.fromEntries(
    Array.from({ length: 500 }, (_, at) => [`east/team/n${at}${'x'.repeat(200)}`, 'running']),
  ) as Held
  const { build } = fill(long)
  const page = (limit: number) => build(contextOf([grant('viewer')]), { limit })
  const first = page(500)
  expect(page(500)).toBe(first)
  const others = Math.ceil((32 * 1024 * 1024) / (first.bytes.byteLength * 2))
  for (let at = 1; at <= others / 2; at += 1) page(500 - at)
  expect(page(500)).toBe(first)
  for (let at = 1; at <= others * 1.5; at += 1) page(500 - at)
  expect(page(500)).not.toBe(first)
})
