import { expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'
import { socketOf } from '../test/hub.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 50 }
const token = 'a-token-for-metrics-alone'
const canary = 'somebody-whose-name-is-nobodys-business'

describeGateway(
  'what Prometheus reads',
  () => ({ METRICS_TOKEN: token }),
  (at) => {
    const read = (authorization?: string) => {
      const headers = new Headers({
        host: 'localhost:3001',
        ...(authorization !== undefined && { authorization }),
      })
      const init = { headers }
      return Promise.resolve(
        at().world.hub.app.request(
          'http://localhost:3001/metrics',
          init,
          socketOf('10.9.9.9', headers),
        ),
      )
    }

    test('is for who has its token alone', async () => {
      expect((await read()).status).toBe(401)
      expect((await read('Bearer something-else-altogether')).status).toBe(401)
      expect((await read(`Bearer ${token}x`)).status).toBe(401)
      const { as } = at()
      const { authorization } = await as('viewer')
      expect((await read(authorization)).status).toBe(401)
    })

    test('counts calls, tokens and states, and names no person', async () => {
      const { as, call } = at()
      const readAll = async () => (await read(`Bearer ${token}`)).text()
      await vi.waitFor(async () => {
        expect(await readAll()).toContain('hub_instances{state="ready"} 2')
      }, soon)
      const named = 'instance="west",namespace="team",model="qwen3"'
      const successes = (text: string) =>
        Number(
          new RegExp(`hub_model_calls_total\\{${named},outcome="success"\\} (\\d+)`).exec(
            text,
          )?.[1] ?? 0,
        )
      const before = successes(await readAll())
      await vi.waitFor(async () => {
        const response = await call('/v1/chat/completions?provider=west', {
          headers: await as('viewer', { name: canary }),
          body: { model: 'qwen3', messages: [{ role: 'user', content: 'good morning' }] },
        })
        expect(response.status).toBe(200)
        await response.text()
      }, soon)
      const response = await read(`Bearer ${token}`)
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
      const text = await response.text()
      expect(successes(text)).toBe(before + 1)
      expect(text).toMatch(
        new RegExp(`hub_model_tokens_total\\{${named},kind="completion"\\} [1-9]`),
      )
      expect(text).toMatch(/hub_deployments\{state="[a-z-]+"\} \d/)
      expect(text).toMatch(/hub_http_request_duration_seconds_count\{door="v1".*status="2xx"\} \d/)
      expect(text).toContain('process_cpu_seconds_total')
      expect(text).not.toContain(canary)
      expect(text).not.toContain('viewer')
    })
  },
)
