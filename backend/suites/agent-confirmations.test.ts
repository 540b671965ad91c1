import { ConfirmationList, type Confirmation } from '@hub/shared'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { connectAgent, describeAgents } from '../test/agent.ts'
import { hubOrigin, type Browser } from '../test/hub.ts'
import { defaultPolicy } from '../src/deployments/policies/find-refused.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 50 }
const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }
const policy = { ...defaultPolicy, confirmAgents: true }
const deployer = { role: 'deployer', namespaces: ['default'] }

describeAgents(
  'a yes of a person for what destroys',
  {
    programs: { robot: deployer },
    people: { ada: deployer, eve: deployer },
    env: { HUB_ADMINS: 'oidc:root' },
  },
  (world, agents) => {
    let admin: Browser
    let ada: Browser
    let eve: Browser
    let place: { instance: string; namespace: string; name: string }
    let count = 0

    const tokenOf = async (browser: Browser, name = 'agent') => {
      const input = { name, roleCeiling: 'deployer', expiresInDays: 1 }
      const made = await browser.send('POST', '/api/auth/tokens', input)
      return ((await made.json()) as { secret: string }).secret
    }
    const list = async (browser: Browser) => {
      const answer = await browser.get('/api/auth/confirmations')
      return ConfirmationList.parse(await answer.json()).items
    }
    const waiting = async (browser: Browser): Promise<Confirmation> => {
      const items = await list(browser)
      return items.find(({ state, target }) => state === 'waiting' && target.name === place.name)!
    }
    const decide = async (browser: Browser, id: string, how: 'approve' | 'refuse') =>
      (await browser.send('POST', `/api/auth/confirmations/${id}/${how}`)).status
    const isThere = () =>
      agents.cluster.storage.find('modeldeployments.airunway.ai', 'default', place.name) !==
      undefined
    const restPath = () => `/api/instances/prod/namespaces/default/deployments/${place.name}`
    const byToken = (secret: string, method: string, path: string) =>
      world.hub.app.request(`${hubOrigin}${path}`, {
        method,
        headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${secret}` },
      })

    beforeAll(async () => {
      ;[admin, ada, eve] = [world.hub.browser(), world.hub.browser(), world.hub.browser()]
      await admin.signIn('root')
      await ada.signIn('ada')
      await eve.signIn('eve')
      await vi.waitFor(async () => {
        const put = await admin.send('PUT', '/api/instances/prod/policy', policy)
        expect(put.status).toBe(200)
      }, soon)
    })
    beforeEach(async () => {
      count += 1
      place = { instance: 'prod', namespace: 'default', name: `kept-${count}` }
      await vi.waitFor(async () => {
        const path = '/api/instances/prod/namespaces/default/deployments'
        const made = await ada.send('POST', path, { name: place.name, spec })
        expect(made.status).toBe(201)
      }, soon)
    })

    test('waits, says where, and passes once for exactly that after a yes', async () => {
      const agent = await connectAgent(world.hub, await tokenOf(ada))
      const tried = await agent.call('delete_deployment', { ...place, dry_run: true })
      expect(tried.isError).toBeUndefined()
      const first = await agent.call('delete_deployment', place)
      const again = await agent.call('delete_deployment', place)
      const asked = await waiting(ada)
      expect(first).toMatchObject({
        isError: true,
        text: expect.stringContaining(`${hubOrigin}/me/agents?confirmation=${asked.id}`),
      })
      expect(again.text).toBe(first.text)
      expect(asked).toMatchObject({
        action: 'deployment.delete',
        target: place,
        input: null,
        principal: 'oidc:ada',
        isOwn: true,
        via: { tool: 'delete_deployment', apiToken: { name: 'agent' } },
      })
      expect(isThere()).toBe(true)
      expect(await decide(ada, asked.id, 'approve')).toBe(200)
      expect(await decide(ada, asked.id, 'approve')).toBe(409)
      // The yes is for that token, and no other.
      const other = await connectAgent(world.hub, await tokenOf(ada, 'other'))
      expect((await other.call('delete_deployment', place)).isError).toBe(true)
      expect(isThere()).toBe(true)
      expect((await agent.call('delete_deployment', place)).isError).toBeUndefined()
      expect(isThere()).toBe(false)
      expect((await list(ada)).find(({ id }) => id === asked.id)).toMatchObject({ state: 'used' })
      await Promise.all([agent.close(), other.close()])
    })

    test('a yes is no yes for the deployment that took its name, and ends by itself', async () => {
      const agent = await connectAgent(world.hub, await tokenOf(ada))
      await agent.call('delete_deployment', place)
      expect(await decide(ada, (await waiting(ada)).id, 'approve')).toBe(200)
      expect((await ada.send('DELETE', restPath())).status).toBe(202)
      const path = '/api/instances/prod/namespaces/default/deployments'
      await ada.send('POST', path, { name: place.name, spec })
      expect((await agent.call('delete_deployment', place)).isError).toBe(true)
      expect(await decide(ada, (await waiting(ada)).id, 'approve')).toBe(200)
      world.hub.advance(15 * 60_000 + 1)
      expect((await agent.call('delete_deployment', place)).isError).toBe(true)
      expect(isThere()).toBe(true)
      world.hub.advance(-15 * 60_000 - 1)
      await agent.close()
    })

    test('of many that come with one yes at the same time, one passes', async () => {
      const agent = await connectAgent(world.hub, await tokenOf(ada))
      await agent.call('delete_deployment', place)
      const asked = await waiting(ada)
      expect(await decide(ada, asked.id, 'approve')).toBe(200)
      const done = await Promise.all(
        Array.from({ length: 6 }, () => agent.call('delete_deployment', place)),
      )
      expect(done.filter(({ isError }) => !isError)).toHaveLength(1)
      const answer = await admin.get('/api/admin/audit?limit=200&action=confirmation.use')
      const { items } = (await answer.json()) as { items: { target: { name: string } }[] }
      expect(items.filter(({ target }) => target.name === place.name)).toHaveLength(1)
      await agent.close()
    })

    test('no token says yes, nor anybody else, nor a sign-in of long ago', async () => {
      const secret = await tokenOf(ada)
      const agent = await connectAgent(world.hub, secret)
      await agent.call('delete_deployment', place)
      const { id } = await waiting(ada)
      const path = `/api/auth/confirmations/${id}`
      expect((await byToken(secret, 'POST', `${path}/approve`)).status).toBe(403)
      expect((await byToken(secret, 'POST', `${path}/refuse`)).status).toBe(403)
      expect((await byToken(secret, 'GET', '/api/auth/confirmations')).status).toBe(403)
      expect(await decide(eve, id, 'approve')).toBe(404)
      expect(await decide(admin, id, 'approve')).toBe(404)
      expect((await list(eve)).some((each) => each.id === id)).toBe(false)
      world.hub.advance(16 * 60_000)
      const late = await ada.send('POST', `${path}/approve`)
      expect(await late.json()).toMatchObject({ code: 'reauthentication-required' })
      world.hub.advance(-16 * 60_000)
      // What the agent cannot do here it cannot do by another door either.
      const byRest = await byToken(secret, 'DELETE', restPath())
      expect([byRest.status, await byRest.json()]).toEqual([
        403,
        expect.objectContaining({ code: 'confirmation-required' }),
      ])
      const { uid } = (await waiting(ada)).target
      const bulk = await world.hub.app.request(`${hubOrigin}/api/deployments/actions`, {
        method: 'POST',
        headers: {
          host: new URL(hubOrigin).host,
          authorization: `Bearer ${secret}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ action: 'delete', deployments: [{ ...place, uid }] }),
      })
      expect(await bulk.text()).toContain('confirmation-required')
      expect(isThere()).toBe(true)
      await agent.close()
    })

    test('a no is told, and is not asked again for a while', async () => {
      const agent = await connectAgent(world.hub, await tokenOf(ada))
      await agent.call('delete_deployment', place)
      expect(await decide(ada, (await waiting(ada)).id, 'refuse')).toBe(200)
      const refused = await agent.call('delete_deployment', place)
      expect(refused.text).toContain('A person refused this')
      expect(await waiting(ada)).toBeUndefined()
      // At the portal people need nobody's yes.
      expect((await ada.send('DELETE', restPath())).status).toBe(202)
      await agent.close()
    })

    test('recreating shows with what, and another spec is another thing', async () => {
      const agent = await connectAgent(world.hub, await tokenOf(ada))
      const { uid } = (await agent.call('get_deployment', place)).structuredContent!
      const anew = { ...place, uid, spec: { ...spec, env: [{ name: 'A', value: 'b' }] } }
      expect((await agent.call('recreate_deployment', anew)).isError).toBe(true)
      const asked = await waiting(ada)
      expect(asked).toMatchObject({ action: 'deployment.recreate', input: { spec: anew.spec } })
      const stored = await world.database.db.read
        .select()
        .from(world.database.db.tables.confirmations)
      expect(JSON.stringify(stored)).not.toContain('"env"')
      expect(await decide(ada, asked.id, 'approve')).toBe(200)
      const other = await agent.call('recreate_deployment', { ...anew, spec })
      expect(other.isError).toBe(true)
      const made = await agent.call('recreate_deployment', anew)
      expect(made.structuredContent).toMatchObject({ outcome: 'recreated' })
      await agent.close()
    })

    test("an administrator decides for programs, which are nobody's", async () => {
      const robot = await agents.connect('robot')
      await robot.call('delete_deployment', place)
      expect(await waiting(ada)).toBeUndefined()
      const asked = await waiting(admin)
      expect(asked).toMatchObject({ isOwn: false, via: { clientId: 'robot' } })
      expect(await decide(admin, asked.id, 'approve')).toBe(200)
      expect((await robot.call('delete_deployment', place)).isError).toBeUndefined()
      await robot.close()
    })

    test('a client that opens addresses opens it, and the call goes on with the decision', async () => {
      const opened: string[] = []
      const secret = await tokenOf(ada)
      const agent = await connectAgent(world.hub, secret, 'auto', {
        capabilities: { elicitation: { url: {} } },
      })
      agent.client.setRequestHandler('elicitation/create', async ({ params }) => {
        opened.push((params as { url: string }).url)
        setTimeout(() => void waiting(ada).then(({ id }) => decide(ada, id, 'approve')), 200)
        return { action: 'accept' }
      })
      const done = await agent.call('delete_deployment', place)
      expect([done.isError, done.text]).toEqual([undefined, done.text])
      expect(opened).toEqual([expect.stringMatching(/\/me\/agents\?confirmation=[\w-]{36}$/)])
      expect(isThere()).toBe(false)
      await agent.close()
    })

    test('a client that says yes by itself has said nothing', async () => {
      const agent = await connectAgent(world.hub, await tokenOf(ada), 'auto', {
        capabilities: { elicitation: { url: {}, form: {} } },
      })
      agent.client.setRequestHandler('elicitation/create', async () => ({ action: 'decline' }))
      const declined = await agent.call('delete_deployment', place)
      expect(declined).toMatchObject({
        isError: true,
        text: expect.stringContaining('The address'),
      })
      expect(isThere()).toBe(true)
      await agent.close()
    })

    test('each step is in the audit log, with the agent', async () => {
      const answer = await admin.get('/api/admin/audit?limit=200&action=confirmation.use')
      const { items } = (await answer.json()) as { items: { via: object; actor: string }[] }
      expect(items.length).toBeGreaterThan(2)
      expect(items.every(({ via }) => via !== null)).toBe(true)
      for (const action of ['request', 'approve', 'refuse']) {
        const found = await admin.get(`/api/admin/audit?limit=5&action=confirmation.${action}`)
        expect(((await found.json()) as { items: object[] }).items.length).toBeGreaterThan(0)
      }
    })
  },
)
