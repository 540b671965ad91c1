import { DeploymentList, Me } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { startBalancedHubs, type BalancedHubs } from '../test/balanced-hubs.ts'
import { readEvents } from '../test/event-stream.ts'

const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'

describe('two hub processes on one PostgreSQL behind a TLS proxy', () => {
  let world: BalancedHubs

  beforeAll(async () => {
    world = await startBalancedHubs({ env: { HUB_DRAIN_SECONDS: '0' } })
  })
  afterAll(() => world?.stop())

  const ask = async (...request: Parameters<BalancedHubs['ask']>) => {
    const response = await world.ask(...request)
    const cookies = response.headers.getSetCookie()
    for (const cookie of cookies) expect(cookie).toMatch(/; Secure/i)
    world.keepCookies(cookies)
    return response
  }
  const servedBy = (response: { headers: { get(name: string): string | null } }) =>
    response.headers.get('x-served-by')

  test('a person signs in: each step at another process', async () => {
    const login = await ask('/api/auth/login/oidc?return_to=/deployments')
    expect(login.status).toBe(302)
    const target = new URL(login.headers.get('location')!)
    expect(target.searchParams.get('redirect_uri')).toBe(
      `${world.balancer.origin}/api/auth/callback/oidc`,
    )
    world.identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'ada', name: 'Ada' })
    const parameters = world.identityProvider.authorize(target)
    const callback = await ask(`/api/auth/callback/oidc?${parameters.toString()}`)
    expect(callback.status).toBe(303)
    expect(callback.headers.get('location')).toBe(`${world.balancer.origin}/deployments`)
    expect(servedBy(callback)).not.toBe(servedBy(login))
    expect([...world.cookies.keys()].every((name) => name.startsWith('__Host-'))).toBe(true)

    const answers = [await ask('/api/auth/me'), await ask('/api/auth/me')]
    expect(new Set(answers.map(servedBy)).size).toBe(2)
    for (const answer of answers) {
      expect(Me.parse(await answer.json())).toMatchObject({ principal: 'oidc:ada' })
    }
    const [row] = await selectAuditRows(world.database.db, 1)
    expect(row).toMatchObject({ action: 'auth.sign-in', ip: '127.0.0.1' })
  })

  test('is served: what one process creates is seen live at the other, and in both lists', async () => {
    await expect.poll(async () => (await ask('/api/instances/prod-east')).status).toBe(200)
    const streams = [await ask('/api/stream'), await ask('/api/stream')]
    expect(new Set(streams.map(servedBy)).size).toBe(2)
    const readers = streams.map((response) => readEvents(response))
    const body = { name: 'llama', spec: { model: { id: 'meta-llama/Llama-3.1-8B-Instruct' } } }
    await expect
      .poll(async () => (await ask(deployments, { method: 'POST', body })).status, {
        timeout: 20_000,
      })
      .toBe(201)
    for (const { events } of readers) {
      await expect
        .poll(() => events, { timeout: 20_000 })
        .toContainEqual(
          expect.objectContaining({
            type: 'deployment',
            deployment: expect.objectContaining({ name: 'llama' }) as unknown,
          }),
        )
    }
    await Promise.all(readers.map((reader) => reader.close()))
    for (let turn = 0; turn < 2; turn += 1) {
      const list = DeploymentList.parse(await (await ask('/api/deployments')).json())
      expect(list.items.map(({ name }) => name)).toEqual(['llama'])
    }
  })

  test('goes on when one process ends, and is signed out of all at once', async () => {
    const [first, second] = world.urls
    await world.stopOne(first!)
    for (let turn = 0; turn < 6; turn += 1) {
      const answer = await ask('/api/deployments')
      expect([answer.status, servedBy(answer)]).toEqual([200, second])
    }
    const session = new Map(world.cookies)
    expect((await ask('/api/auth/logout', { method: 'POST' })).status).toBe(200)
    for (const [name, value] of session) world.cookies.set(name, value)
    expect((await ask('/api/auth/me')).status).toBe(401)
  })
})
