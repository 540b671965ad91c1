import { DeploymentList } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBalancedHubs, type BalancedHubs } from '../test/balanced-hubs.ts'

const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'

describe('two replicas on one PostgreSQL, behind a balancer that asks their readiness and tries nothing twice', () => {
  let world: BalancedHubs

  beforeAll(async () => {
    world = await startBalancedHubs({
      env: { HUB_REQUESTS_PER_MINUTE: '1000000' },
      probes: true,
    })
  })
  afterAll(() => world?.stop())

  const visit = async (path: string) => {
    const answer = await world.ask(path)
    await answer.text()
    world.keepCookies(answer.headers.getSetCookie())
    return answer
  }

  const signIn = async () => {
    world.identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'ada', name: 'Ada' })
    const login = await visit('/api/auth/login/oidc')
    const target = new URL(login.headers.get('location')!)
    const parameters = world.identityProvider.authorize(target)
    const callback = await visit(`/api/auth/callback/oidc?${parameters.toString()}`)
    expect(callback.status).toBe(303)
  }

  test('H38: each is restarted in turn under reads, changes and streams, and not one request fails', async () => {
    await expect.poll(() => world.balancer.ready.size, { timeout: 60_000 }).toBe(2)
    await signIn()
    const over = new AbortController()
    const failures: string[] = []
    const counts = { reads: 0, changes: 0, streams: 0 }
    const repeat = async (kind: keyof typeof counts, run: (turn: number) => Promise<void>) => {
      for (let turn = 0; !over.signal.aborted; turn += 1) {
        try {
          await run(turn)
          counts[kind] += 1
        } catch (error) {
          const { cause, message } = error as Error
          failures.push(`${kind}: ${message} ${cause instanceof Error ? cause.message : ''}`)
          // One is too many already.
          return
        }
      }
    }
    const expectStatus = async (
      answer: Awaited<ReturnType<BalancedHubs['ask']>>,
      ...statuses: number[]
    ) => {
      const text = await answer.text()
      if (!statuses.includes(answer.status)) throw new Error(`${answer.status} ${text}`)
      return text
    }
    const read = async () => {
      const text = await expectStatus(await world.ask('/api/deployments'), 200)
      const { partial } = DeploymentList.parse(JSON.parse(text))
      if (partial.length > 0) throw new Error(`incomplete: ${JSON.stringify(partial)}`)
      await expectStatus(await world.ask('/api/auth/me'), 200)
    }
    const change = (name: string) => async (turn: number) => {
      const body = { name: `${name}-${turn}`, spec: { model: { id: 'org/model' } } }
      await expectStatus(await world.ask(deployments, { method: 'POST', body }), 201)
      await expectStatus(
        await world.ask(`${deployments}/${body.name}`, { method: 'DELETE' }),
        202,
        204,
      )
    }
    const follow = async () => {
      const answer = await world.ask('/api/stream')
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
      const reader = answer.body!.getReader()
      const stop = setInterval(() => {
        if (over.signal.aborted) void reader.cancel()
      }, 100)
      let text = ''
      try {
        for (;;) {
          const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array }
          if (done) break
          text += Buffer.from(value!).toString()
        }
      } finally {
        clearInterval(stop)
      }
      // It came to its end, and said when to come back.
      const words = text.match(/^retry: \d+$/gm) ?? []
      if (!over.signal.aborted && words.length < 2)
        throw new Error(`ended with ${JSON.stringify(text.slice(-80))}`)
    }
    // A cluster takes its time, so that there is always something under way.
    await world.cluster.faults.set({ kind: 'slow', delayMs: 200 })
    const load = [
      repeat('reads', read),
      repeat('reads', read),
      repeat('changes', change('one')),
      repeat('changes', change('two')),
      repeat('streams', follow),
      repeat('streams', follow),
    ]
    try {
      for (const url of world.urls) {
        const before = { ...counts }
        await world.stopOne(url)
        await world.start(url)
        await expect.poll(() => world.balancer.ready.has(url), { timeout: 60_000 }).toBe(true)
        await expect
          .poll(() => counts.changes > before.changes || failures.length > 0, { timeout: 60_000 })
          .toBe(true)
      }
    } finally {
      over.abort()
    }
    await Promise.all(load)
    await world.cluster.faults.set(null)
    expect(failures).toEqual([])
    expect(counts.reads).toBeGreaterThan(20)
    expect(counts.changes).toBeGreaterThan(5)
    expect(counts.streams).toBeGreaterThanOrEqual(4)
  }, 240_000)
})
