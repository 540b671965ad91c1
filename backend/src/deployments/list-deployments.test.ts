import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import {
  DeploymentFacets,
  type DeploymentFilter,
  DeploymentList,
  deploymentSorts,
  statusOfDeployment,
  type DeploymentsQuery,
  type Grant,
} from '@hub/shared'
import fc from 'fast-check'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { answerProblem, mountOperations, type HubEnv } from '#http'
import { asAppError } from '#errors'
import { bindOperations } from '#operation'
import type { KubeObject } from '#kube'
import { decide } from '#rbac'
import { contextOf, grant } from '../../test/contexts.ts'
import { nothingGoverned } from '../../test/nothing-governed.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { DeploymentDeps } from './deps.ts'
import { createDeploymentList } from './list-deployments.ts'
import { createFacetList } from './list-facets.ts'
import type { FleetDeployment } from '../fleet/read-deployment.ts'
import { deploymentOperations } from './operations.ts'
import { createVersions } from '../fleet/instance-versions.ts'
import { createSnapshot, type Snapshot } from '../fleet/snapshot.ts'
import { createVisibilities } from '../fleet/visibility.ts'
import { createVisibleInstances } from '../fleet/visible-instances.ts'

const instanceIds = ['east', 'north', 'west']
const namespaces = ['team-a', 'team-b', 'team-c', 'kube-system']
const phases = ['Running', 'Pending', 'Deploying', 'Failed', 'Terminating', undefined]

const item = fc.record({
  instance: fc.constantFrom(...instanceIds),
  namespace: fc.constantFrom(...namespaces),
  name: fc.stringMatching(/^[a-c][a-c0-1]{0,2}$/),
  phase: fc.constantFrom(...phases),
  ready: fc.integer({ min: 0, max: 2 }),
  engine: fc.constantFrom('vllm', 'sglang'),
  month: fc.integer({ min: 1, max: 4 }),
  model: fc.constantFrom<string[]>('meta/llama', 'qwen/a'),
  owner: fc.constantFrom<(string | undefined)[]>('oidc:someone', 'oidc:else', undefined),
  gpu: fc.constantFrom('h100', 'a100', null, undefined),
})
type Item = typeof item extends fc.Arbitrary<infer T> ? T : never

const grants = fc.array(
  fc.oneof(
    fc.record({
      role: fc.constantFrom<Grant['role']>('viewer', 'deployer'),
      instanceId: fc.option(fc.constantFrom(...instanceIds)),
      namespaces: fc.option(fc.subarray(namespaces, { minLength: 1 })),
    }),
    fc.constant({ role: 'admin' as const, instanceId: null, namespaces: null }),
  ),
  { maxLength: 3 },
)

const asking = {
  namespace: fc.constantFrom(...namespaces),
  status: fc.constantFrom('running', 'starting', 'attention', 'deleting'),
  q: fc.constantFrom('a', 'VLLM east', 'team-b c', 'nothing-at-all', ' '),
  sort: fc.constantFrom(...deploymentSorts, ...deploymentSorts.map((sort) => `-${sort}`)),
  limit: fc.integer({ min: 1, max: 5 }),
  model: fc.constantFrom('meta/llama', 'qwen/a', 'meta'),
  owner: fc.constantFrom('me', 'oidc:someone', 'oidc:else'),
  gpu: fc.constantFrom('h100', 'a100', 'any', 'none'),
  engine: fc.constantFrom('vllm', 'sglang'),
}

/** From one without anything to one with everything: left to itself, hardly any would be without a word to search for. */
const query: fc.Arbitrary<DeploymentsQuery> = fc
  .tuple(fc.record(asking), fc.subarray(Object.keys(asking) as (keyof typeof asking)[]))
  .map(([all, names]) => Object.fromEntries(names.map((name) => [name, all[name]])))

describe('createDeploymentList', () => {
  it('H8: keeps a page for who asks the same, and none of what is searched for', () => {
    const fleet = {
      visibilityOf: createVisibilities(),
      instanceIds: () => [],
      visibleInstances: () => ({ ids: [], version: 1, places: 1 }),
      namespaces: () => [],
    } as unknown as Fleet
    const instances = { find: () => null } as unknown as DeploymentDeps['instances']
    const list = createDeploymentList({ fleet, instances })
    const ctx = contextOf([grant('viewer')])
    expect(list(ctx, {})).toBe(list(contextOf([grant('viewer')]), {}))
    const searched = { q: 'llama' }
    expect(list(ctx, searched)).not.toBe(list(ctx, searched))
    const first = list(ctx, {})
    // More pages than are kept push the oldest out.
    for (let limit = 1; limit <= 500; limit += 1) {
      for (const sort of deploymentSorts) list(ctx, { limit, sort })
    }
    expect(list(ctx, {})).not.toBe(first)
  })

  it('pages through exactly what the caller may see, in order, with true counts', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40 }), grants, query, (items, held, asked) => {
        const { deployments, list } = fill(items)
        const mine = held.map((each) => grant(each.role, each))
        const seen = deployments.filter((each) => decide(mine, 'deployment.view', each, new Date()))
        const found = seen.filter((each) => isFound(each, asked))
        const expected = found.filter(
          (each) => asked.status === undefined || statusOfDeployment(each) === asked.status,
        )
        const pages: DeploymentList[] = []
        let cursor: string | undefined
        do {
          const page = list(mine, { ...asked, ...(cursor !== undefined && { cursor }) })
          expect(page.total).toBe(expected.length)
          for (const status of ['running', 'starting', 'attention', 'deleting'] as const) {
            const count = found.filter((each) => statusOfDeployment(each) === status).length
            expect(page.counts[status]).toBe(count)
          }
          pages.push(page)
          cursor = page.next ?? undefined
        } while (cursor !== undefined)
        const all = pages.flatMap((page) => page.items)
        expect(all.map(nameOf)).toEqual(sorted(expected, asked.sort).map(nameOf))
        for (const each of all) {
          expect(each.abilities.delete).toBe(decide(mine, 'deployment.delete', each, new Date()))
        }
        for (const page of pages.slice(0, -1)) expect(page.items).toHaveLength(asked.limit ?? 100)
        const { limit = 100 } = asked
        for (const offset of [0, 1, limit, expected.length - 1, expected.length, 99_999]) {
          if (offset < 0) continue
          const page = list(mine, { ...asked, offset })
          expect(page.items.map(nameOf)).toEqual(
            all.slice(offset, offset + limit).map((each) => nameOf(each)),
          )
          expect([page.total, page.counts]).toEqual([expected.length, pages[0]!.counts])
          expect(page.next === null).toBe(offset + limit >= expected.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('reads what is in order already as it would put it in order, forwards and backwards', () => {
    // So many that pages are read from the orders, of every instance and namespace.
    const many = instanceIds.flatMap((instance) =>
      namespaces.flatMap((namespace) =>
        Array.from({ length: 40 }, (_, at) => ({
          ...sample,
          instance,
          namespace,
          name: `n${(at * 7) % 40}`,
          phase: phases[at % phases.length],
          month: 1 + (at % 4),
        })),
      ),
    )
    const held = [
      grant('viewer', { namespaces: ['team-a', 'team-c'] }),
      grant('viewer', { instanceId: 'west' }),
    ]
    const { deployments, list, snapshots } = fill(many)
    const expectAll = (of: FleetDeployment[]) => {
      const seen = of.filter((each) => decide(held, 'deployment.view', each, new Date()))
      const sorts = deploymentSorts.flatMap((field) => [field, `-${field}`])
      const narrowed: DeploymentsQuery[] = [
        {},
        { namespace: 'team-c' },
        { status: 'attention' },
        { namespace: 'team-c', status: 'starting' },
      ]
      for (const asked of sorts.flatMap((sort) => narrowed.map((each) => ({ ...each, sort })))) {
        const wanted = seen.filter(
          (each) =>
            isFound(each, asked) &&
            statusOfDeployment(each) === (asked.status ?? statusOfDeployment(each)),
        )
        const all: FleetDeployment[] = []
        let cursor: string | undefined
        do {
          const page = list(held, { ...asked, limit: 10, ...(cursor !== undefined && { cursor }) })
          expect(page.total).toBe(wanted.length)
          all.push(...page.items)
          cursor = page.next ?? undefined
        } while (cursor !== undefined)
        expect(all.map(nameOf)).toEqual(sorted(wanted, asked.sort).map(nameOf))
        for (let offset = 0; offset < wanted.length; offset += 17) {
          const page = list(held, { ...asked, limit: 10, offset })
          expect(page.items.map(nameOf)).toEqual(all.slice(offset, offset + 10).map(nameOf))
        }
      }
    }
    expectAll(deployments)
    const west = snapshots.get('west')!
    west.remove({ namespace: 'team-b', name: 'n3', uid: 'uid-n3' })
    const changed = toObject({ ...sample, instance: 'west', name: 'n5', phase: 'Failed' })
    changed.metadata!.resourceVersion = '9'
    west.event('airunway.ai', { type: 'MODIFIED', object: changed })
    expectAll([...snapshots.values()].flatMap((snapshot) => [...snapshot.list()]))
  })

  it('goes on from a cursor whose deployment is gone, without repeating one', () => {
    const { list, snapshots } = fill(
      ['a', 'b', 'c', 'd'].map((name) => ({ ...sample, instance: 'east', name })),
    )
    const first = list([grant('viewer')], { limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(['a', 'b'])
    snapshots.get('east')!.remove({ namespace: 'team-a', name: 'b', uid: 'uid-b' })
    snapshots
      .get('east')!
      .event('airunway.ai', { type: 'ADDED', object: toObject({ ...sample, name: 'aa' }) })
    const second = list([grant('viewer')], { limit: 2, cursor: first.next! })
    expect(second.items.map(({ name }) => name)).toEqual(['c', 'd'])
    expect(second.next).toBeNull()
  })

  it.each(['nonsense', '', Buffer.from('["name"]').toString('base64url')])(
    'refuses the cursor %j',
    (cursor) => {
      const { list } = fill([])
      expect(() => list([grant('viewer')], { cursor })).toThrow(/\?cursor: must be `next`/)
    },
  )

  it('refuses a cursor of another sort', () => {
    const { list } = fill([sample, { ...sample, name: 'b' }])
    const { next } = list([grant('viewer')], { limit: 1 })
    expect(() => list([grant('viewer')], { limit: 1, cursor: next!, sort: 'name' })).toThrow(
      /invalid-request/,
    )
  })

  it('shows a change at once, though it remembers pages', () => {
    const { list, snapshots } = fill([sample])
    expect(list([grant('viewer')], {}).total).toBe(1)
    snapshots.get('east')!.clear()
    expect(list([grant('viewer')], {}).total).toBe(0)
  })

  it.each<[string, DeploymentsQuery]>([
    ['a remembered page', { sort: 'status' }],
    ['a remembered page further on', { sort: 'status', offset: 1 }],
    ['one namespace', { sort: 'status', namespace: 'team-a' }],
    ['a search', { sort: 'status', q: 'llama' }],
    ['a filter', { sort: 'status', engine: 'vllm' }],
  ])('%s shows what changed within a deployment, and then where it moved', (_, asked) => {
    const { list, snapshots } = fill(['a', 'b', 'c'].map((name) => ({ ...sample, name })))
    const shown = () => list([grant('viewer')], asked).items.map(told)
    const told = ({ message, name, phase }: FleetDeployment) => `${name} ${phase} ${message}`
    const skipped = asked.offset ?? 0
    let version = 1
    const change = (phase: string, message: string) => {
      const object = toObject({ ...sample, name: 'c', phase })
      object.metadata!.resourceVersion = String((version += 1))
      Object.assign(object['status'] as object, { message })
      snapshots.get('east')!.event('airunway.ai', { type: 'MODIFIED', object })
    }
    expect(shown()).toEqual(['a Running null', 'b Running null', 'c Running null'].slice(skipped))
    change('Running', 'one')
    expect(shown()).toEqual(['a Running null', 'b Running null', 'c Running one'].slice(skipped))
    change('Running', 'two')
    expect(shown()).toEqual(['a Running null', 'b Running null', 'c Running two'].slice(skipped))
    change('Failed', 'three')
    expect(shown()).toEqual(['c Failed three', 'a Running null', 'b Running null'].slice(skipped))
    change('Failed', 'four')
    expect(shown()).toEqual(['c Failed four', 'a Running null', 'b Running null'].slice(skipped))
  })

  it('stops showing when a grant ends, though nothing changed', () => {
    const now = { at: new Date('2026-01-01T00:00:00Z') }
    const { list } = fill([sample], () => now.at)
    const ending = [grant('viewer', { endsAt: '2026-01-01T00:00:10Z' })]
    expect(list(ending, {}).items).toHaveLength(1)
    now.at = new Date('2026-01-01T00:00:10Z')
    expect(list(ending, {})).toMatchObject({ items: [], total: 0, partial: [] })
  })
})

describe('createFacetList', () => {
  const values = {
    instances: (each: FleetDeployment) => each.instance,
    namespaces: (each: FleetDeployment) => each.namespace,
    models: (each: FleetDeployment) => each.model.id,
    owners: (each: FleetDeployment) => each.createdBy,
    gpus: ({ gpus }: FleetDeployment) => (gpus.perReplica === 0 ? 'none' : (gpus.type ?? 'any')),
    engines: (each: FleetDeployment) => each.engine,
  }

  it('counts each field as the list would be without its own filter, of what the caller may see', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 40 }),
        grants,
        query,
        async (items, held, { limit: _, sort: __, ...asked }) => {
          const { deployments, facets } = fill(items)
          const mine = held.map((each) => grant(each.role, each))
          const answer = await facets(mine, asked)
          expect(answer.more).toBe(false)
          for (const [name, valueOf] of Object.entries(values)) {
            const field = name.slice(0, -1) as keyof DeploymentFilter
            const others: DeploymentFilter = { ...asked }
            delete others[field]
            const expected = new Map<string, number>()
            for (const each of deployments) {
              const value = valueOf(each)
              if (!decide(mine, 'deployment.view', each, new Date()) || value === null) continue
              if (others.status !== undefined && statusOfDeployment(each) !== others.status) {
                continue
              }
              if (isFound(each, others)) expected.set(value, (expected.get(value) ?? 0) + 1)
            }
            const found = answer[name as keyof typeof values]
            expect(new Map(found.map(({ count, value }) => [value, count]))).toEqual(expected)
            const counts = found.map(({ count }) => count)
            expect(counts).toEqual(counts.toSorted((a, b) => b - a))
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('calls people by name, and names the 200 most frequent values of a field', async () => {
    const many = Array.from({ length: 300 }, (_, i) => ({
      ...sample,
      name: `n${i}`,
      model: `org/m${i % 201}`,
      owner: i === 0 ? 'oidc:else' : 'oidc:someone',
    }))
    const { facets, snapshots } = fill(many)
    const answer = await facets([grant('viewer')], {})
    expect(answer.owners).toEqual([
      { value: 'oidc:someone', label: 'Someone', count: 299 },
      { value: 'oidc:else', label: 'oidc:else', count: 1 },
    ])
    expect([answer.models.length, answer.models[0]!.count, answer.more]).toEqual([200, 2, true])
    expect((await facets([grant('viewer')], { owner: 'me' })).models[0]!.count).toBe(2)
    snapshots.get('east')!.clear()
    expect((await facets([grant('viewer')], {})).owners).toEqual([])
  })

  it('answers 304 to who has it, and says what it does not take', async () => {
    const { call } = fill([sample])
    const first = await call('/deployments/facets')
    const etag = first.headers.get('etag')!
    expect((await call('/deployments/facets', { 'if-none-match': etag })).status).toBe(304)
    expect((await call('/deployments/facets', {}, null)).status).toBe(401)
    expect((await call('/deployments/facets?limit=1')).status).toBe(400)
  })
})

describe('GET /deployments', () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ ...sample, name: `n${i}` }))

  it('answers 304 to who has it, and 200 with another ETag after a change', async () => {
    const { call, snapshots } = fill([sample])
    const first = await call('/deployments')
    const etag = first.headers.get('etag')!
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    expect(first.headers.get('vary')).toBe('Accept-Encoding, Cookie')
    const again = await call('/deployments', { 'if-none-match': `"other", ${etag}` })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(again.headers.get('etag')).toBe(etag)
    snapshots.get('east')!.clear()
    const changed = await call('/deployments', { 'if-none-match': etag })
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).not.toBe(etag)
  })

  it('gives nobody a 304 for what they may not see', async () => {
    const { call } = fill([sample])
    const etag = (await call('/deployments')).headers.get('etag')!
    const other = await call('/deployments', { 'if-none-match': etag }, [])
    expect(other.status).toBe(200)
    expect(((await other.json()) as DeploymentList).items).toEqual([])
    expect((await call('/deployments', { 'if-none-match': '*' }, null)).status).toBe(401)
  })

  it.each([
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['br;q=0.1, gzip;q=0.9', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
  ])('compresses a larger body for %j', async (accepted, encoding, decompress) => {
    const { call } = fill(many)
    const plain = Buffer.from(await (await call('/deployments')).arrayBuffer())
    const answer = await call('/deployments', { 'accept-encoding': accepted })
    expect(answer.headers.get('content-encoding')).toBe(encoding)
    const body = Buffer.from(await answer.arrayBuffer())
    expect(answer.headers.get('content-length')).toBe(String(body.byteLength))
    expect(body.byteLength).toBeLessThan(plain.byteLength / 5)
    expect(decompress(body).equals(plain)).toBe(true)
  })

  it.each(['identity', 'br;q=0', 'zstd', 'br;q=nonsense'])(
    'leaves the body as it is for %j',
    async (accepted) => {
      const { call } = fill(many)
      const answer = await call('/deployments', { 'accept-encoding': accepted })
      expect(answer.headers.get('content-encoding')).toBeNull()
      expect(DeploymentList.parse(await answer.json()).total).toBe(60)
    },
  )

  it('answers HEAD as GET without the body', async () => {
    const { call } = fill(many)
    const get = await call('/deployments')
    const head = await call('/deployments', {}, undefined, 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const name of ['etag', 'content-length', 'content-type', 'vary']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
  })

  it.each([
    'limit=0',
    'limit=501',
    'limit=x',
    'sort=uid',
    'status=bad',
    'cursor=x',
    'other=1',
    'offset=-1',
    'offset=1.5',
    'offset=0&cursor=x',
    'gpu=',
  ])('refuses ?%s and names it', async (text) => {
    const { call } = fill([])
    const answer = await call(`/deployments?${text}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: `?${text.split('=')[0]}` }],
    })
  })
})

const sample: Item = {
  instance: 'east',
  namespace: 'team-a',
  name: 'a',
  phase: 'Running',
  ready: 1,
  engine: 'vllm',
  month: 1,
  model: 'meta/llama',
  owner: 'oidc:someone',
  gpu: 'h100',
}

function toObject(of: Item): KubeObject {
  const { engine, gpu, model, month, name, namespace, owner, phase, ready } = of
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: `2026-0${month}-01T00:00:00Z`,
      ...(owner !== undefined && { annotations: { 'airunway.ai/created-by': owner } }),
    },
    spec: {
      model: { id: model },
      engine: { type: engine },
      scaling: { replicas: 1 },
      ...(gpu !== undefined && {
        resources: { gpu: { count: 1, ...(gpu !== null && { type: gpu }) } },
      }),
    },
    status: { ...(phase !== undefined && { phase }), replicas: { ready } },
  }
}

/** Lists over snapshots that hold these items. */
function fill(items: Item[], now: () => Date = () => new Date()) {
  const snapshots = new Map<string, Snapshot>()
  const versions = createVersions()
  for (const id of instanceIds) {
    const snapshot = createSnapshot(id, { emit: versions.follow, now: () => 0, clock: now })
    const objects = items.filter(({ instance }) => instance === id).map(toObject)
    const entries = objects.flatMap((each) => snapshot.read('airunway.ai', each) ?? [])
    snapshot.replace(entries, '1')
    snapshots.set(id, snapshot)
  }
  const fleet = {
    instanceIds: () => instanceIds,
    namespaces: (id) => snapshots.get(id)!.namespaces(),
    visibilityOf: createVisibilities(),
    ordered: (id, field) => snapshots.get(id)!.ordered(field),
    placesVersionOf: versions.places.of,
    visibleInstances: createVisibleInstances({ instanceIds: () => instanceIds, versions }),
    instanceState: () => ({ synced: true, reason: null }),
  } satisfies Partial<Fleet> as unknown as Fleet
  const deps = { fleet, instances: {} } as unknown as DeploymentDeps
  const build = createDeploymentList(deps)
  const buildFacets = createFacetList(deps, async () => new Map([['oidc:someone', 'Someone']]))
  const app = new Hono<HubEnv>()
  app.use(async (c, next) => {
    c.set('ctx', contextOf(JSON.parse(c.req.header('x-grants')!) as Grant[] | null))
    await next()
  })
  app.onError((error, c) => answerProblem(c, asAppError(error), 'request-1'))
  const operations = bindOperations(deploymentOperations, {
    ...deps,
    ...nothingGoverned,
    listDeployments: build,
    listFacets: buildFacets,
  })
  mountOperations(app, operations, () => [])
  return {
    snapshots,
    deployments: [...snapshots.values()].flatMap((snapshot) => snapshot.list()),
    list: (held: Grant[], asked: DeploymentsQuery) =>
      DeploymentList.parse(
        JSON.parse(Buffer.from(build(contextOf(held, { now }), asked).bytes).toString()),
      ),
    facets: async (held: Grant[], asked: DeploymentFilter) => {
      const { bytes } = await buildFacets(contextOf(held, { now }), asked)
      return DeploymentFacets.parse(JSON.parse(Buffer.from(bytes).toString()))
    },
    call: async (
      path: string,
      headers: Record<string, string> = {},
      held: Grant[] | null = [grant('viewer')],
      method = 'GET',
    ) =>
      app.request(`/api${path}`, {
        method,
        headers: { ...headers, 'x-grants': JSON.stringify(held) },
      }),
  }
}

function isFound(deployment: FleetDeployment, asked: DeploymentsQuery): boolean {
  const { namespace, q = '' } = asked
  const { createdBy, engine, gpus, instance, model, name } = deployment
  const fields = [name, model.id ?? '', deployment.namespace, instance, engine ?? '']
  return (
    (namespace === undefined || deployment.namespace === namespace) &&
    (asked.model === undefined || model.id === asked.model) &&
    (asked.engine === undefined || engine === asked.engine) &&
    (asked.owner === undefined || createdBy === asked.owner.replace(/^me$/, 'oidc:someone')) &&
    (asked.gpu === undefined ||
      asked.gpu === (gpus.perReplica === 0 ? 'none' : (gpus.type ?? 'any'))) &&
    q
      .toLowerCase()
      .split(' ')
      .every((word) => word === '' || fields.some((field) => field.includes(word)))
  )
}

function sorted(deployments: FleetDeployment[], sort = 'instance'): FleetDeployment[] {
  const field = sort.replace('-', '') as (typeof deploymentSorts)[number]
  const primary = (each: FleetDeployment) =>
    field === 'status'
      ? ['attention', 'starting', 'deleting', 'running'].indexOf(statusOfDeployment(each))
      : (each[field] ?? '')
  const key = (each: FleetDeployment) =>
    [primary(each), each.instance, each.namespace, each.name].join('\u0000')
  const up = deployments.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
  return sort.startsWith('-') ? up.toReversed() : up
}

function nameOf({ instance, name, namespace }: FleetDeployment): string {
  return `${instance}/${namespace}/${name}`
}
