import { startApiServer, type ApiServer } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import type { Browser } from '../../test/hub.ts'
import { loseAnswers } from '../../test/lose-answers.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'
import { countGpus } from './count-gpus.ts'

const soon = { timeout: 20_000, interval: 25 }
const kind = 'modeldeployments.airunway.ai'
const collection = '/api/instances/prod/namespaces/default/deployments'
const gpusAtOnce = 8

describe.each(databases)('a limit of GPUs over two replicas on $dialect', ({ dialect, open }) => {
  let cluster: ApiServer
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let both: [Browser, Browser]
  let isLosing = false

  beforeAll(async () => {
    ;[cluster, database, identityProvider] = await Promise.all([
      startApiServer({ onRequest: loseAnswers(() => isLosing) }),
      open(),
      startOddIdentityProvider(),
    ])
    const grant = { role: 'deployer', instanceId: 'prod', limits: { gpusAtOnce } }
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      credentials: { prod: cluster.kubeconfig('client-certificate') },
      env: { HUB_GRANTS: JSON.stringify([{ principal: 'oidc:bob', ...grant }]) },
    })
    const bob = replicas.here.browser()
    await bob.signIn('bob')
    both = [bob, replicas.atOther(bob)]
    for (const { fleet } of [replicas.here, replicas.there]) {
      await vi.waitFor(() => expect(fleet.instanceState('prod').synced).toBe(true), soon)
    }
  }, 60_000)
  afterAll(async () => {
    await replicas?.stop()
    await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
  })

  const create = (
    name: string,
    count: number,
    { who = both[0], query = '', to = collection } = {},
  ) => {
    const spec = { model: { id: 'a/b' }, engine: { type: 'vllm' }, resources: { gpu: { count } } }
    return who.send('POST', to + query, { name, spec })
  }
  const scale = (name: string, replicasAsked: number, who = both[0]) =>
    who.send('POST', `${collection}/${name}/scale`, { replicas: replicasAsked })
  const remove = async (name: string) => {
    expect((await both[0].send('DELETE', `${collection}/${name}`)).status).toBe(202)
  }
  const stored = () => (cluster.storage.list(kind) ?? []).map(({ object }) => object)
  const names = () => stored().map(({ metadata }) => metadata.name)
  const asked = () => stored().reduce((sum, object) => sum + countGpus(object['spec']), 0)
  const clear = async () => {
    for (const name of names()) await remove(name)
    await vi.waitFor(() => {
      for (const { fleet } of [replicas.here, replicas.there]) expect(fleet.list()).toEqual([])
    }, soon)
  }

  test('of twenty that create at once no more come through than fit', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        create(`many-${index}`, 2, { who: both[index % 2]! }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(4)
    expect(statuses.filter((status) => status === 429)).toHaveLength(16)
    expect(asked()).toBe(gpusAtOnce)
    await clear()
  })

  test('of twenty that scale at once no more come through than fit', async () => {
    for (let index = 0; index < 5; index += 1) {
      expect((await create(`scaled-${index}`, 1)).status).toBe(201)
    }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => scale(`scaled-${index % 5}`, 2, both[index % 2])),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]))
    expect(asked()).toBe(gpusAtOnce)
    await clear()
  })

  test('what fails gives back what was counted of it', async () => {
    expect((await create('there', 2)).status).toBe(201)
    const again = await Promise.all(both.map((who) => create('there', 2, { who })))
    expect(again.map(({ status }) => status)).toEqual([409, 409])
    const nowhere = collection.replace('default', 'missing')
    for (const who of both) {
      expect((await create('lost', 6, { who, to: nowhere })).status).toBe(404)
    }
    expect((await create('rest', 6, { who: both[1] })).status).toBe(201)
    await clear()
  })

  test('what is tried without effect is counted for nothing, and refused where it would be', async () => {
    const query = '?dryRun=All'
    expect((await create('tried', 8, { query })).status).toBe(200)
    expect((await create('made', 8)).status).toBe(201)
    expect((await create('tried', 1, { query })).status).toBe(429)
    await clear()
  })

  test('what is deleted or scaled down makes room at once', async () => {
    expect((await create('first', 8)).status).toBe(201)
    expect((await create('second', 1)).status).toBe(429)
    await remove('first')
    await vi.waitFor(() => expect(names()).toEqual([]), soon)
    expect((await create('second', 2)).status).toBe(201)
    expect((await scale('second', 4)).status).toBe(200)
    expect((await create('third', 2)).status).toBe(429)
    expect((await scale('second', 1)).status).toBe(200)
    expect((await create('third', 6)).status).toBe(201)
    await clear()
  })

  test('what may have been made although nobody heard of it counts until the fleet tells', async () => {
    isLosing = true
    const lost = await create('lost', 8)
    isLosing = false
    expect(lost.status).toBeGreaterThanOrEqual(500)
    expect((await create('other', 1, { who: both[1] })).status).toBe(429)
    await clear()
    replicas.advance(31_000)
    expect((await create('other', 8)).status).toBe(201)
    replicas.advance(-31_000)
    await clear()
  })
})
