import { createHash } from 'node:crypto'
import { AgentCallPage, type AuditPage } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { verifyAudit } from '../src/audit/verify.ts'
import { connectAgent, describeAgents } from '../test/agent.ts'
import { hubOrigin, type Browser } from '../test/hub.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 50 }
const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm' } }
const place = { instance: 'prod', namespace: 'default', name: 'qwen' }

describeAgents(
  'what agents do',
  {
    programs: { robot: { role: 'deployer', namespaces: ['default'] } },
    people: { ada: { role: 'deployer', namespaces: ['default'] }, eve: { role: 'viewer' } },
    env: { HUB_ADMINS: 'oidc:root' },
  },
  (world, agents) => {
    let admin: Browser
    let ada: Browser
    let secret: string
    let tokenId: string

    beforeAll(async () => {
      admin = world.hub.browser()
      ada = world.hub.browser()
      await admin.signIn('root')
      await ada.signIn('ada')
      const made = await ada.send('POST', '/api/auth/tokens', {
        name: 'laptop',
        roleCeiling: 'deployer',
        expiresInDays: 1,
      })
      const created = (await made.json()) as { secret: string; token: { id: string } }
      ;({ secret } = created)
      tokenId = created.token.id
    })

    const rowsOf = async (actor: string) => {
      const query = new URLSearchParams({ actor, limit: '200' })
      const response = await admin.get(`/api/admin/audit?${query.toString()}`)
      return ((await response.json()) as AuditPage).items
    }
    const ownCalls = async (browser: Browser, query = '') => {
      const response = await browser.get(`/api/auth/agent-calls${query}`)
      expect(response.status).toBe(200)
      return AgentCallPage.parse(await response.json())
    }

    test('a row names the tool, the API token and what the agent calls itself; what people do names none', async () => {
      const agent = await connectAgent(world.hub, secret, 'auto')
      await vi.waitFor(async () => {
        expect((await agent.call('create_deployment', { ...place, spec })).text).toContain('qwen')
      }, soon)
      await agent.call('delete_deployment', { ...place, namespace: 'elsewhere' })
      await agent.close()
      const byHand = await ada.send(
        'POST',
        '/api/instances/prod/namespaces/default/deployments/qwen/pause',
      )
      expect(byHand.status).toBe(200)
      const digest = createHash('sha256').update(secret).digest('hex').slice(0, 12)
      const via = {
        door: 'mcp',
        clientId: null,
        apiToken: { id: tokenId, name: 'laptop' },
        saidName: 'suite',
        tokenId: digest,
      }
      const rows = await rowsOf('oidc:ada')
      const find = (action: string, outcome: string) =>
        rows.find((row) => row.action === action && row.outcome === outcome)
      expect(find('deployment.create', 'attempt')).toMatchObject({
        via: { ...via, tool: 'create_deployment' },
      })
      expect(find('deployment.create', 'success')).toMatchObject({
        via: { ...via, tool: 'create_deployment' },
      })
      expect(find('access.denied', 'denied')).toMatchObject({
        via: { ...via, tool: 'delete_deployment' },
        target: { namespace: 'elsewhere' },
      })
      expect(find('deployment.update', 'success')).toMatchObject({ via: null })
      expect(find('token.create', 'success')).toMatchObject({ via: null })
      const pipe = await admin.get('/api/admin/audit/export?format=pipe&actor=oidc:ada')
      const lines = (await pipe.text()).trimEnd().split('\n')
      expect(lines).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\| USER: oidc:ada \\| ACTION: create deployment \\| NAMESPACE: default \\| RESULT: success \\| TOKEN_ID: ${digest}$`,
          ),
        ),
      )
      expect(world.hub.lines.some((line) => line.includes(`TOKEN_ID: ${digest}`))).toBe(true)
      const csv = await (await admin.get('/api/admin/audit/export?format=csv&q=laptop')).text()
      expect(csv.split('\r\n')[0]).toContain(',clusterAuditId,previousHash,hash,via')
      expect(csv).toContain('""tool"":""create_deployment""')
    })

    test('a token of an issuer is named by its jti, and its client by the id that the issuer gave it', async () => {
      const token = await agents.tokenOf('robot', { jti: 'abc123def456' })
      const agent = await connectAgent(world.hub, token)
      await agent.call('restart_deployment', { ...place, namespace: 'elsewhere' })
      await agent.close()
      const [row] = await rowsOf(`service:robot@${agents.issuer.issuer}`)
      expect(row).toMatchObject({
        action: 'access.denied',
        via: {
          tool: 'restart_deployment',
          clientId: 'robot',
          apiToken: null,
          // Revisions before 2026-07-28 say it once, to a server that remembers nothing.
          saidName: null,
          tokenId: 'abc123def456',
        },
      })
    })

    test('a person reads what was done in their own name, page by page, and nobody else does', async () => {
      const all = await ownCalls(ada)
      expect(all.items.map(({ action, outcome, via }) => [action, outcome, via.tool])).toEqual([
        ['access.denied', 'denied', 'delete_deployment'],
        ['deployment.create', 'success', 'create_deployment'],
      ])
      expect(all.items[1]!.target).toEqual(place)
      const first = await ownCalls(ada, '?limit=1')
      const second = await ownCalls(ada, `?limit=1&cursor=${encodeURIComponent(first.next!)}`)
      expect([...first.items, ...second.items]).toEqual(all.items)
      expect(second.next).toBeNull()
      expect((await ada.get('/api/auth/agent-calls?cursor=5')).status).toBe(400)
      const eve = world.hub.browser()
      await eve.signIn('eve')
      expect(await ownCalls(eve)).toEqual({ items: [], next: null })
      expect(await ownCalls(admin)).toEqual({ items: [], next: null })
    })

    test('the log with rows of both kinds is as the hub wrote it', async () => {
      const { secrets } = world.hub.config.session
      const { findings, rows } = await verifyAudit(world.database.db, { secrets })
      expect(findings).toEqual([])
      expect(rows).toBeGreaterThan(5)
    })

    test('403 for a program without a person, 401 for nobody', async () => {
      const token = await agents.tokenOf('robot')
      const program = await world.hub.app.request(`${hubOrigin}/api/auth/agent-calls`, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(program.status).toBe(403)
      expect((await world.hub.app.request(`${hubOrigin}/api/auth/agent-calls`)).status).toBe(401)
    })
  },
)
