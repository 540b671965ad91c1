import { createKubeClient, startApiServer, type ApiServer, type KubeClient } from '@hub/demo'
import { Deployment, DeploymentChange, DeploymentHistory, Problem } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { KubeObject } from '#kube'
import { createSealedText } from '#secrets'
import { databases, type TestDatabase } from '../../../test/databases.ts'
import type { Browser } from '../../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../../test/replicas.ts'
import { createRecorder } from './recorder.ts'
import { createHistorySweep } from './sweep.ts'

const soon = { timeout: 20_000, interval: 25 }
const collection = '/api/instances/prod/namespaces/default/deployments'
const objects = '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments'
const spec = {
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm', args: { a: '1' } },
  env: [{ name: 'TOKEN', value: 'hunter2-value' }],
}

describe.each(databases)('the history of a deployment on $dialect', ({ dialect, open }) => {
  let cluster: ApiServer
  let kubectl: KubeClient
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let bob: Browser
  let bobThere: Browser
  let eve: Browser

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      startApiServer(),
      open(),
      startOddIdentityProvider(),
    ])
    kubectl = createKubeClient(cluster.kubeconfig('client-certificate'))
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      credentials: { prod: cluster.kubeconfig('client-certificate') },
      env: {
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer' },
          { principal: 'oidc:eve', role: 'viewer' },
        ]),
      },
    })
    ;[bob, eve] = [replicas.here.browser(), replicas.here.browser()]
    await bob.signIn('bob')
    bobThere = replicas.there.browser()
    await bobThere.signIn('bob')
    await eve.signIn('eve')
    for (const { fleet } of [replicas.here, replicas.there]) {
      await vi.waitFor(() => expect(fleet.instanceState('prod').synced).toBe(true), soon)
    }
  }, 60_000)
  afterAll(async () => {
    await replicas?.stop()
    await kubectl?.close()
    await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
  })

  const create = async (name: string, more: object = {}) => {
    const answer = await bob.send('POST', collection, { name, spec: { ...spec, ...more } })
    expect(answer.status).toBe(201)
    return Deployment.parse(await answer.json())
  }
  const patch = async (name: string, body: object) => {
    const answer = await bob.request(`${collection}/${name}`, {
      method: 'PATCH',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(200)
  }
  const past = (name: string, body: object) =>
    kubectl.request('PATCH', `${objects}/${name}`, {
      body,
      contentType: 'application/merge-patch+json',
    })
  const historyOf = async (name: string, who = bob) => {
    const answer = await who.get(`${collection}/${name}/history`)
    expect(answer.status).toBe(200)
    return DeploymentHistory.parse(await answer.json())
  }
  const seen = (name: string, count: number, who = bob) =>
    vi.waitFor(async () => {
      const history = await historyOf(name, who)
      expect(history.items).toHaveLength(count)
      return history
    }, soon)
  /** Resolves when both replicas have heard what the cluster told up to now, and have written it. */
  const everywhere = async (name: string, message: string) => {
    await kubectl.request('PATCH', `${objects}/${name}/status`, {
      body: { status: { phase: 'Running', message } },
      contentType: 'application/merge-patch+json',
    })
    for (const [{ fleet }, browser] of [
      [replicas.here, bob] as const,
      [replicas.there, bobThere] as const,
    ]) {
      await vi.waitFor(
        () => expect(fleet.get('prod', 'default', name)?.message).toBe(message),
        soon,
      )
      // Whoever asks is told of nothing that is not written.
      expect((await browser.get(`${collection}/${name}/history`)).status).toBe(200)
    }
  }
  const restore = (name: string, generation: number, query = '') =>
    bob.send('POST', `${collection}/${name}/restore${query}`, { generation })
  const rows = async () => {
    const all = await database.db.read.select().from(database.db.tables.deploymentRevisions)
    return all.map((row) => JSON.stringify(row)).toSorted()
  }

  test('has what the hub made, by whom, and what was changed past it, once over all replicas', async () => {
    await create('told')
    await patch('told', { spec: { scaling: { replicas: 2 } } })
    await past('told', { spec: { scaling: { replicas: 3 } } })
    const { items, unseen } = await seen('told', 3)
    expect(
      items.map(({ by, byName, generation, source }) => [generation, source, by, byName]),
    ).toEqual([
      [3, 'cluster', null, null],
      [2, 'hub', 'oidc:bob', 'bob'],
      [1, 'hub', 'oidc:bob', 'bob'],
    ])
    expect(items.map(({ spec: { scaling } }) => scaling)).toMatchObject([
      { replicas: 3 },
      { replicas: 2 },
      items[2]!.spec['scaling'] ?? null,
    ])
    expect(unseen).toEqual([])
    expect(await seen('told', 3, replicas.atOther(bob))).toMatchObject({ items })
  })

  test('says which generations the hub did not see, and keeps no spec that can be read', async () => {
    const { uid } = await create('gaps')
    await patch('gaps', { spec: { scaling: { replicas: 2 } } })
    await patch('gaps', { spec: { scaling: { replicas: 3 } } })
    await seen('gaps', 3)
    const { deploymentRevisions: table } = database.db.tables
    await database.db.transaction(async (tx) => {
      const all = await tx.queries.select().from(table)
      const kept = all.filter((row) => row.deploymentUid !== uid || row.generation !== 2)
      await tx.queries.delete(table)
      await tx.queries.insert(table).values(kept)
    })
    expect((await historyOf('gaps')).unseen).toEqual([2])
    expect((await rows()).join()).not.toMatch(/Qwen3-8B|hunter2/)
  })

  test('keeps the values of variables from who may not change it', async () => {
    await create('masked')
    const masked = await historyOf('masked', eve)
    expect(masked.isMasked).toBe(true)
    expect(JSON.stringify(masked)).not.toContain('hunter2')
    expect(JSON.stringify(await historyOf('masked'))).toContain('hunter2')
  })

  test('is what a deployment goes back to, tried first, as a change of its own', async () => {
    await create('back')
    const args = { a: null, b: '2' }
    await patch('back', { spec: { engine: { args }, scaling: { replicas: 4 } } })
    const tried = await restore('back', 1, '?dryRun=All')
    expect(tried.status).toBe(200)
    const { after } = DeploymentChange.parse(await tried.json())
    expect(after.spec).toMatchObject({ engine: { args: { a: '1' } } })
    expect((await historyOf('back')).items).toHaveLength(2)
    expect((await restore('back', 1)).status).toBe(200)
    const { items } = await historyOf('back')
    expect(items[0]?.spec).toEqual(items[2]?.spec)
    expect(items[0]).toMatchObject({ generation: 3, by: 'oidc:bob' })
    const missing = await restore('back', 9)
    expect([missing.status, Problem.parse(await missing.json()).detail]).toEqual([
      404,
      expect.stringContaining('has no generation 9. It keeps the latest 20'),
    ])
    expect((await eve.send('POST', `${collection}/back/restore`, { generation: 1 })).status).toBe(
      403,
    )
  })

  test('is gone back to past what was open then, and was decided since', async () => {
    await create('decided', { engine: undefined })
    await patch('decided', { spec: { engine: { type: 'vllm' }, scaling: { replicas: 4 } } })
    const restored = await restore('decided', 1)
    expect(restored.status).toBe(200)
    const { after } = DeploymentChange.parse(await restored.json())
    expect(after.spec).toMatchObject({ engine: { type: 'vllm' }, scaling: { replicas: 1 } })
  })

  test('is not written by a status, nor twice', async () => {
    await create('quiet')
    await seen('quiet', 1)
    await everywhere('quiet', 'loading')
    const before = await rows()
    await everywhere('quiet', 'serving')
    expect(await rows()).toEqual(before)
  })

  test('is the latest 20, and goes a month after the deployment', async () => {
    const { here } = replicas
    await create('many')
    for (let count = 1; count <= 21; count += 1) {
      await patch('many', { spec: { engine: { args: { a: `next-${count}` } } } })
    }
    const { uid } = await seen('many', 20).then(async () =>
      Deployment.parse(await (await bob.get(`${collection}/many`)).json()),
    )
    const latest = await bob.get(`${collection}/many/history?limit=1`)
    expect(await latest.json()).toMatchObject({
      items: [{ spec: { engine: { args: { a: 'next-21' } } } }],
      unseen: [],
    })
    expect((await bob.get(`${collection}/many/history?limit=21`)).status).toBe(400)
    const keptOf = async () => (await rows()).filter((row) => row.includes(uid)).length
    await everywhere('many', 'serving')
    expect(await keptOf()).toBe(22)
    let days = 0
    const now = () => new Date(Date.now() + days * 24 * 60 * 60_000)
    const { fleet, instances } = here
    const sweep = createHistorySweep({ db: database.db, now, fleet, instances })
    const run = () => sweep.run({ lease: null, signal: new AbortController().signal })
    await run()
    expect(await keptOf()).toBe(20)
    expect((await bob.send('DELETE', `${collection}/many`)).status).toBe(202)
    await vi.waitFor(() => expect(fleet.get('prod', 'default', 'many')).toBeNull(), soon)
    await run()
    // What another replica writes after that ends with the rest.
    const { deploymentRevisions } = database.db.tables
    const late = (await database.db.read.select().from(deploymentRevisions)).find(
      ({ deploymentUid }) => deploymentUid === uid,
    )!
    await database.db.transaction((tx) =>
      tx.queries
        .insert(deploymentRevisions)
        .values({ ...late, id: 'late', generation: 99, goneAt: null }),
    )
    expect(await keptOf()).toBe(21)
    await run()
    days = 29
    await run()
    expect(await keptOf()).toBe(20)
    days = 31
    await run()
    expect(await keptOf()).toBe(0)
    expect((await historyOf('told')).items).toHaveLength(3)
  })

  test('of a whole fleet is written in a few batches, and at the next start not at all', async () => {
    const { db } = database
    let reads = 0
    let writes = 0
    const counted = {
      ...db,
      tables: db.tables,
      get read() {
        reads += 1
        return db.read
      },
      transaction: <T>(work: Parameters<typeof db.transaction<T>>[0]) => {
        writes += 1
        return db.transaction(work)
      },
    }
    const start = () => {
      let tell: (instance: string, object: KubeObject) => void = () => {}
      const recorder = createRecorder({
        db: counted,
        fleet: { onObject: (listener) => ((tell = listener), () => {}) },
        instances: { find: () => ({ clusterUid: 'another' }) as never },
        sealed: createSealedText(['a secret of thirty-two characters'], 'history'),
        log: undefined as never,
        now: () => new Date(),
        timing: { now: () => 0, random: () => 0, setTimeout: () => 1, clearTimeout: () => {} },
      })
      recorder.follow()
      for (let index = 0; index < 1_000; index += 1) {
        tell('prod', { metadata: { uid: `fleet-${index}`, generation: 7 }, spec: { index } })
      }
      return recorder
    }
    await start().flush()
    expect([reads, writes]).toEqual([5, 5])
    const again = start()
    await again.flush()
    expect([reads, writes]).toEqual([10, 5])
  })
})
