import { createKubeClient } from '@hub/demo'
import type { ApiToken, ApiTokenList } from '@hub/shared'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createBudgets } from '#budgets'
import { openDatabase, type Database } from '#db'
import { AppError } from '#errors'
import { connectAgent, describeAgents } from '../test/agent.ts'
import { contextOf } from '../test/contexts.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../test/hub.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 50 }
const path = '/api/instances/prod/namespaces/default/deployments'
const specOf = (gpus: number) => ({
  model: { id: 'Qwen/Qwen3-8B' },
  engine: { type: 'vllm' },
  resources: { gpu: { count: gpus } },
})
const deployer = { role: 'deployer', namespaces: ['default'] }

describeAgents('the budget of a token', { people: { ada: deployer } }, (world, agents) => {
  let ada: Browser
  let otherDb: Database
  let replica: TestHub

  const make = async (budget: object) => {
    const input = { name: 'tidier', roleCeiling: 'deployer', expiresInDays: 7, budget }
    const made = await ada.send('POST', '/api/auth/tokens', input)
    expect(made.status).toBe(201)
    return (await made.json()) as { secret: string; token: ApiToken }
  }
  const usedOf = async ({ id }: ApiToken) => {
    const { items } = (await (await ada.get('/api/auth/tokens')).json()) as ApiTokenList
    return items.find((each) => each.id === id)!.used
  }
  const place = (name: string) => ({ instance: 'prod', namespace: 'default', name })

  beforeAll(async () => {
    ada = world.hub.browser()
    await ada.signIn('ada')
    const { url } = world.database
    otherDb = await openDatabase(
      world.dialect === 'sqlite' ? { driver: 'sqlite', path: url } : { driver: 'postgres', url },
    )
    replica = await startHub({
      db: otherDb,
      identityProvider: world.identityProvider,
      credentials: { prod: agents.cluster.kubeconfig('service-account-token') },
      env: { HUB_GRANTS: JSON.stringify([{ principal: 'oidc:ada', ...deployer }]) },
    })
    const agent = await connectAgent(replica, (await make({})).secret)
    await vi.waitFor(async () => {
      const tried = { ...place('try'), spec: specOf(1), dry_run: true }
      expect((await agent.call('create_deployment', tried)).isError).toBeUndefined()
      const here = await ada.send('POST', `${path}?dryRun=All`, { name: 'try', spec: specOf(1) })
      expect(here.status).toBe(200)
    }, soon)
    await agent.close()
  })
  afterAll(async () => {
    await replica?.stop()
    await otherDb?.close()
  })

  test('calls are counted over replicas and doors, and renew with the day', async () => {
    const { secret, token } = await make({ callsPerDay: 3 })
    expect(token).toMatchObject({
      budget: { callsPerDay: 3, gpus: null },
      used: { callsToday: 0, gpus: 0 },
    })
    const here = await connectAgent(world.hub, secret)
    const there = await connectAgent(replica, secret)
    const ask = (hub: TestHub) =>
      hub.app.request(`${hubOrigin}/api/instances`, {
        headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${secret}` },
      })
    // What there is to call is told for nothing.
    await here.client.listTools()
    expect((await here.call('who_am_i')).isError).toBeUndefined()
    expect((await there.call('who_am_i')).isError).toBeUndefined()
    expect((await ask(world.hub)).status).toBe(200)
    const refused = await there.call('who_am_i')
    expect(refused.isError).toBe(true)
    expect(refused.text).toMatch(
      /^All 3 calls a day of the token "tidier" are used\. They renew at midnight UTC \(\d{4}-/,
    )
    const byRest = await ask(replica)
    expect(byRest.status).toBe(429)
    expect(Number(byRest.headers.get('retry-after'))).toBeGreaterThan(0)
    await expect(here.client.readResource({ uri: 'hub://instances/prod' })).rejects.toThrow(
      /calls a day/,
    )
    const instances = { name: 'instance', value: '' }
    await expect(
      here.client.complete({ ref: { type: 'ref/prompt', name: 'tidy_up' }, argument: instances }),
    ).rejects.toThrow(/calls a day/)
    expect(await usedOf(token)).toEqual({ callsToday: 3, gpus: 0 })
    world.hub.advance(86_400_000)
    expect((await here.call('who_am_i')).isError).toBeUndefined()
    world.hub.advance(-86_400_000)
    await Promise.all([here.close(), there.close()])
  })

  test('of many that create at once, on two replicas, no more come through than fit', async () => {
    const { secret, token } = await make({ gpus: 4 })
    const [here, there] = await Promise.all([
      connectAgent(world.hub, secret),
      connectAgent(replica, secret),
    ])
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? here : there).call('create_deployment', {
          ...place(`many-${index}`),
          spec: specOf(2),
        }),
      ),
    )
    expect(made.filter(({ isError }) => !isError)).toHaveLength(2)
    expect(made.find(({ isError }) => isError)!.text).toMatch(
      /^The token "tidier" may hold 4 GPUs\. Its deployments hold [24] \(prod\/default\/many-\d.*\), and this would hold 2\./,
    )
    expect(await usedOf(token)).toMatchObject({ gpus: 4 })
    await Promise.all([here.close(), there.close()])
  })

  test('scaling counts, also tried without effect; what goes is given back', async () => {
    const { secret, token } = await make({ gpus: 4 })
    const agent = await connectAgent(world.hub, secret)
    const made = await agent.call('create_deployment', { ...place('scaled'), spec: specOf(2) })
    expect(made.isError).toBeUndefined()
    const scale = async (replicas: number, dryRun = false) => {
      const asked = { ...place('scaled'), replicas, dry_run: dryRun }
      return (await agent.call('scale_deployment', asked)).isError ?? false
    }
    expect([await scale(3, true), await scale(3), await scale(2, true)]).toEqual([
      true,
      true,
      false,
    ])
    expect(await usedOf(token)).toMatchObject({ gpus: 2 })
    expect(await scale(2)).toBe(false)
    expect(await usedOf(token)).toMatchObject({ gpus: 4 })
    const tooMany = { ...place('another'), spec: specOf(1) }
    expect((await agent.call('create_deployment', { ...tooMany, dry_run: true })).isError).toBe(
      true,
    )
    // Its person may do more, and what they take back counts.
    expect((await ada.send('POST', `${path}/scaled/scale`, { replicas: 1 })).status).toBe(200)
    world.hub.advance(31_000)
    expect(await usedOf(token)).toMatchObject({ gpus: 2 })
    expect((await agent.call('delete_deployment', place('scaled'))).isError).toBeUndefined()
    expect(await usedOf(token)).toMatchObject({ gpus: 0 })
    expect((await agent.call('create_deployment', { ...tooMany, spec: specOf(4) })).isError).toBe(
      undefined,
    )
    world.hub.advance(-31_000)
    await agent.close()
  })

  test('of what others made only what it adds counts, and nothing of what was refused', async () => {
    const { secret, token } = await make({ gpus: 2 })
    const agent = await connectAgent(world.hub, secret)
    await ada.send('POST', path, { name: 'of-others', spec: specOf(4) })
    const raise = async (count: number) => {
      const change = { ...place('of-others'), spec: { resources: { gpu: { count } } } }
      return (await agent.call('change_deployment', change)).isError ?? false
    }
    expect(await raise(7)).toBe(true)
    expect(await raise(6)).toBe(false)
    expect(await usedOf(token)).toMatchObject({ gpus: 2 })
    expect(await raise(3)).toBe(false)
    const exists = await agent.call('create_deployment', { ...place('of-others'), spec: specOf(1) })
    expect(exists.text).toContain('exists')
    world.hub.advance(31_000)
    expect(await usedOf(token)).toMatchObject({ gpus: 0 })
    world.hub.advance(-31_000)
    await agent.close()
  })

  test('what fails takes nothing from another change of the same deployment that was let in', async () => {
    const { token } = await make({ gpus: 4 })
    const made = await ada.send('POST', path, { name: 'raced', spec: specOf(1) })
    expect(made.status).toBe(201)
    const { uid } = world.hub.fleet.get('prod', 'default', 'raced')!
    const at = new Date()
    const budgets = createBudgets({
      db: world.database.db,
      fleet: world.hub.fleet,
      now: () => at,
    })
    const { actor } = contextOf([])
    if (actor.type !== 'user') throw new TypeError('the context is of no person')
    const credential = { type: 'token', ...token } as const
    const ctx = contextOf([], { actor: { ...actor, credential } })
    const claim = { ...place('raced'), uid, before: 1, after: 5, dryRun: false }
    const slow = Promise.withResolvers<string>()
    const failing = budgets.hold(
      ctx,
      claim,
      () => slow.promise,
      () => uid,
    )
    await vi.waitFor(async () => expect(await usedOf(token)).toMatchObject({ gpus: 4 }), soon)
    await budgets.hold(
      ctx,
      claim,
      async () => 'changed',
      () => uid,
    )
    slow.reject(new AppError('conflict', { detail: 'Somebody else was first.' }))
    await expect(failing).rejects.toThrow('Somebody else was first.')
    expect(await usedOf(token)).toMatchObject({ gpus: 4 })
    const another = { ...claim, ...place('raced-too'), uid: null, before: 0, after: 1 }
    const refused = budgets.hold(
      ctx,
      another,
      async () => 'made',
      () => null,
    )
    await expect(refused).rejects.toMatchObject({ code: 'budget-used-up' })
  })

  test('what says no replicas counts as the one that there is', async () => {
    const { secret, token } = await make({ gpus: 2 })
    const agent = await connectAgent(world.hub, secret)
    const made = await agent.call('create_deployment', { ...place('emptied'), spec: specOf(2) })
    expect(made.isError).toBeUndefined()
    const kube = createKubeClient(agents.cluster.kubeconfig('client-certificate'))
    await kube.request(
      'PATCH',
      '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments/emptied',
      { body: { spec: { scaling: { replicas: 0 } } }, contentType: 'application/merge-patch+json' },
    )
    await kube.close()
    await vi.waitFor(
      () => expect(world.hub.fleet.get('prod', 'default', 'emptied')!.replicas.desired).toBe(0),
      soon,
    )
    world.hub.advance(31_000)
    expect(await usedOf(token)).toMatchObject({ gpus: 2 })
    world.hub.advance(-31_000)
    await agent.close()
  })

  test.each([
    [{ callsPerDay: 0 }, '/budget/callsPerDay'],
    [{ gpus: -1 }, '/budget/gpus'],
    [{ gpus: 1.5 }, '/budget/gpus'],
    [{ tokens: 5 }, '/budget'],
  ])('400 for %j', async (budget, pointer) => {
    const input = { name: 'x', roleCeiling: 'viewer', expiresInDays: 1, budget }
    const answer = await ada.send('POST', '/api/auth/tokens', input)
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({
        errors: [expect.objectContaining({ pointer: expect.stringContaining(pointer) })],
      }),
    ])
  })
})
