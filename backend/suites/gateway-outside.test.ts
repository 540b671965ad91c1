import { rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'
import { serveApp } from '../test/serve-app.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

type Heard = { url: string; headers: IncomingHttpHeaders }

/** A provider that lists these models and answers every chat. */
async function startProvider(ids: readonly string[]) {
  const heard: Heard[] = []
  const answer = (response: ServerResponse, body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const server = createServer((request, response) => {
    heard.push({ url: request.url!, headers: request.headers })
    if (request.url === '/v1/models') {
      return answer(response, { data: ids.map((id) => ({ id, created: 1_700_000_000 })) })
    }
    const message = { role: 'assistant', content: 'Yes.' }
    request.resume().on('end', () => answer(response, { choices: [{ index: 0, message }] }))
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { heard, url, stop: () => server.close() }
}

let groq: Awaited<ReturnType<typeof startProvider>>
let lab: typeof groq
beforeAll(async () => {
  groq = await startProvider(['llama-3.2-3b-preview', 'secret-model', 'openai/gpt-oss-20b'])
  lab = await startProvider(['qwen3'])
})
afterAll(() => {
  groq.stop()
  lab.stop()
})

describeGateway(
  'a gateway before providers outside',
  ({ issuer }) => ({
    HUB_ADMINS: 'oidc:root',
    GROQ_API_KEY: 'k',
    GROQ_API_URL: groq.url,
    // Nobody listens on the port of the discard service.
    GATEWAY_PROVIDERS: `lab-2;${lab.url}/,away;http://127.0.0.1:9/v1`,
    DISALLOWED_MODELS: 'secret-model',
    HUB_GRANTS: JSON.stringify([
      { principal: `service:viewer@${issuer}`, role: 'viewer' },
      { principal: `service:outside@${issuer}`, role: 'viewer', instanceId: 'groq' },
      { principal: `service:west@${issuer}`, role: 'viewer', instanceId: 'west' },
    ]),
  }),
  (at) => {
    const list = async (who: string, query = '') => {
      const { as, call } = at()
      const response = await call(`/v1/models${query}`, { headers: await as(who) })
      const { data } = (await response.json()) as { data: { id: string; owned_by: string }[] }
      return data
    }
    const idsOf = async (who: string, query = '') => (await list(who, query)).map(({ id }) => id)

    test('its list has their models by the names that they are called by, and their owners', async () => {
      expect(await list('outside')).toEqual([
        {
          id: 'groq/llama-3.2-3b-preview',
          object: 'model',
          created: 1_700_000_000,
          owned_by: 'groq',
        },
        {
          id: 'groq/openai/gpt-oss-20b',
          object: 'model',
          created: 1_700_000_000,
          owned_by: 'groq',
        },
      ])
      await vi.waitFor(
        async () => {
          const ids = await idsOf('viewer')
          expect(ids).toEqual(ids.toSorted())
          expect(ids).toEqual(
            expect.arrayContaining([
              'east/team/qwen',
              'groq/llama-3.2-3b-preview',
              'lab-2/qwen3',
              'qwen3',
            ]),
          )
        },
        { timeout: 20_000, interval: 50 },
      )
    })

    test('`provider` narrows to one of them, and nobody sees those of another', async () => {
      expect(await idsOf('viewer', '?provider=lab-2')).toEqual(['lab-2/qwen3'])
      expect(await idsOf('outside', '?provider=lab-2')).toEqual([])
      expect(await idsOf('west')).not.toContain('groq/llama-3.2-3b-preview')
    })

    test('one that cannot be asked is left out of the list, and named where it is asked for', async () => {
      const { as, call } = at()
      expect((await idsOf('viewer')).filter((id) => id.startsWith('away/'))).toEqual([])
      const headers = await as('viewer')
      const response = await call('/v1/models?provider=away', { headers })
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({
        error: {
          type: 'api_error',
          message: 'Provider "away" cannot be reached. Try again, or choose another.',
        },
      })
    })

    test('a model is found by its name, and one that may not be used is not', async () => {
      const { as, call } = at()
      const headers = await as('viewer')
      const found = await call('/v1/models/groq/openai/gpt-oss-20b', { headers })
      expect(await found.json()).toMatchObject({ id: 'groq/openai/gpt-oss-20b', object: 'model' })
      for (const id of ['groq/secret-model', 'groq/nothing', 'nowhere/qwen3']) {
        expect((await call(`/v1/models/${id}`, { headers })).status).toBe(404)
      }
      const elsewhere = await call('/v1/models/groq/openai/gpt-oss-20b', {
        headers: await as('west'),
      })
      expect(elsewhere.status).toBe(404)
    })

    test("OpenAI's client lists what it then calls", async () => {
      const { as, world } = at()
      await using served = await serveApp(world.hub)
      const apiKey = (await as('viewer')).authorization!.slice('Bearer '.length)
      const client = new OpenAI({ baseURL: `${served.url}/v1`, apiKey, maxRetries: 0 })
      for await (const { id } of client.models.list({ query: { provider: 'lab-2' } })) {
        const messages = [{ role: 'user' as const, content: 'Are you there?' }]
        const { choices } = await client.chat.completions.create({ model: id, messages })
        expect(choices[0]!.message.content).toBe('Yes.')
      }
      const asked = lab.heard.filter(({ url }) => url === '/v1/chat/completions')
      expect(asked.at(-1)!.headers).not.toHaveProperty('authorization')
      expect(groq.heard.map(({ headers }) => headers.authorization)).toContain('Bearer k')
    })

    test('one that has the name of an instance is not used: what is said to models there stays there', async () => {
      const { as, call, east, world } = at()
      const { directory, instances } = world.hub
      const body = {
        model: 'lab-2/team/qwen',
        messages: [{ role: 'user', content: 'Are you there?' }],
      }
      const headers = await as('viewer')
      await writeFile(join(directory, 'lab-2.kubeconfig'), east.kubeconfig('service-account-token'))
      await vi.waitFor(
        async () => {
          const answer = await call('/v1/chat/completions', { headers, body })
          expect(answer.headers.get('x-selected-provider')).toBe('lab-2')
          expect(answer.headers.get('x-selected-model')).toBe('lab-2/team/qwen')
          expect(await answer.text()).not.toContain('Yes.')
        },
        { timeout: 20_000, interval: 50 },
      )
      const { length } = lab.heard
      expect((await call('/v1/chat/completions', { headers, body })).status).toBe(200)
      expect(await idsOf('viewer', '?provider=lab-2')).toContain('lab-2/team/qwen')
      expect(lab.heard).toHaveLength(length)
      expect(await idsOf('viewer')).not.toContain('lab-2/qwen3')
      const admin = world.hub.browser()
      await admin.signIn('root')
      const health = await admin.get('/api/instances/lab-2/health')
      expect(await health.json()).toMatchObject({
        warnings: [expect.stringContaining('A provider outside has the same id, "lab-2"')],
      })

      await rm(join(directory, 'lab-2.kubeconfig'))
      await vi.waitFor(() => expect(instances.find('lab-2')).toBeNull(), { timeout: 20_000 })
      expect(await idsOf('viewer', '?provider=lab-2')).toEqual(['lab-2/qwen3'])
    })
  },
)
