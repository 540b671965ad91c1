import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority, issueServerCertificate, type KeyPair } from '@hub/demo'
import { InstanceHealth, InstancePolicy, ModelRoute, Problem } from '@hub/shared'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'
import type { Browser } from '../test/hub.ts'
import { defaultPolicy } from '../src/deployments/policies/find-refused.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const path = '/api/instances/west/policy'
const route = '/api/instances/west/namespaces/team/deployments/qwen/route'
const question = { model: 'west/team/qwen', messages: [{ role: 'user', content: 'Hello.' }] }

describeGateway(
  'models at their own addresses',
  () => ({ HUB_ADMINS: 'oidc:root' }),
  (at) => {
    let root: Browser
    let model: Awaited<ReturnType<typeof listen>>

    beforeEach(async () => {
      const { as, call, world } = at()
      model = await listen()
      root = world.hub.browser()
      await root.signIn('root')
      await vi.waitFor(async () => {
        const { data } = await json(await call('/v1/models', { headers: await as('west') }))
        expect(data.map(({ id }: { id: string }) => id)).toContain('west/team/qwen')
      }, soon)
    })
    afterEach(async () => {
      await root.send('DELETE', path)
      await model.stop()
    })

    const allow = async (
      url: string,
      hosts: readonly string[] = ['127.0.0.1'],
      certificateAuthority: string | null = null,
    ) => {
      const response = await root.send('PUT', path, {
        ...defaultPolicy,
        directModels: { url, hosts, certificateAuthority },
      })
      expect(response.status).toBe(200)
    }
    const ask = async (more: object = {}) => {
      const { as, call } = at()
      const body = { ...question, ...more }
      return call('/v1/chat/completions', { headers: await as('west'), body })
    }
    const tell = async () => ModelRoute.parse(await (await root.get(route)).json())
    const proxied = () => {
      const { finished } = at().west.models.get('team/qwen')?.load ?? {}
      return Object.values(finished ?? {}).reduce((sum, count) => sum + count, 0)
    }

    test('are called there, with nothing of the caller and past the API server', async () => {
      await allow(`${model.origin}/base/{namespace}/{name}`)
      const before = proxied()
      const response = await ask()
      expect(await json(response)).toMatchObject({ id: 'direct' })
      const [asked] = model.seen.filter(({ method }) => method === 'POST')
      expect(asked?.url).toBe('/base/team/qwen/v1/chat/completions')
      expect(Object.keys(asked!.headers).toSorted()).toEqual([
        'accept',
        'connection',
        'content-length',
        'content-type',
        'host',
        'user-agent',
      ])
      expect(proxied()).toBe(before)
      expect(await tell()).toEqual({
        way: 'direct',
        address: `${model.origin}/base/team/qwen`,
        reason: null,
        mayUse: true,
      })
    })

    test('are asked there for their metrics too', async () => {
      await allow(`${model.origin}/{namespace}/{name}`)
      const { as, call } = at()
      const metrics = '/api/instances/west/namespaces/team/deployments/qwen/metrics'
      const response = await call(metrics, { headers: await as('west') })
      expect(await json(response)).toMatchObject({ engine: 'vllm', reason: null })
      expect(model.seen.map(({ url }) => url)).toEqual(['/team/qwen/metrics'])
    })

    test('are streamed from there, and a client that goes takes the request with it', async () => {
      await allow(`${model.origin}/{namespace}/{name}`)
      const gone = new Promise<void>((resolve) => (model.onClose = resolve))
      const response = await ask({ stream: true })
      const reader = response.body!.getReader()
      expect(Buffer.from((await reader.read()).value ?? '').toString()).toContain('"delta"')
      await reader.cancel()
      await gone
    })

    test('are called by the API server where nobody is there, at once while that is known', async () => {
      await model.stop()
      await allow(`${model.origin}/{namespace}/{name}`)
      for (const _ of [1, 2]) expect((await ask()).status).toBe(200)
      expect(await tell()).toMatchObject({
        way: 'service-proxy',
        reason: expect.stringContaining('refused the connection') as string,
      })
      const health = await (await root.get('/api/instances/west/health')).json()
      expect(InstanceHealth.parse(health).warnings).toEqual([
        expect.stringContaining(`${model.origin} refused the connection`),
      ])
    })

    test('are called where their certificates are of the authority that the policy names', async () => {
      const authority = await createCertificateAuthority('models')
      const other = await createCertificateAuthority('another')
      await model.stop()
      model = await listen(await issueServerCertificate(authority))
      const url = `${model.origin}/{namespace}/{name}`
      await allow(url, ['127.0.0.1'], authority.certificate)
      expect(await json(await ask())).toMatchObject({ id: 'direct' })
      expect((await tell()).way).toBe('direct')
      // By the API server, since nobody else may say that it is the model.
      for (const wrong of [other.certificate, null]) {
        await allow(url, ['127.0.0.1'], wrong)
        expect((await ask()).status).toBe(200)
        expect(await tell()).toMatchObject({
          way: 'service-proxy',
          reason: expect.stringContaining('no CA trusted for it has signed') as string,
        })
      }
      expect(model.seen.filter(({ method }) => method === 'POST')).toHaveLength(1)
    })

    test('are told of to administrators before the authority in the policy ends', async () => {
      const ending = await createCertificateAuthority('models', { lifetimeDays: 7 })
      await allow('https://127.0.0.1:1/{namespace}/{name}', ['127.0.0.1'], ending.certificate)
      const health = await (await root.get('/api/instances/west/health')).json()
      expect(InstanceHealth.parse(health).warnings).toContainEqual(
        expect.stringMatching(/^The certificate authority in its policy, .* expires on \d/),
      )
    })

    test.each([
      ['a host that it may not lead to', ['10.0.0.0/8', 'models.example.com']],
      ['only names, and this is an address', ['*.0.0.1']],
    ])('are called by the API server where the policy names %s', async (_, hosts) => {
      await allow(`${model.origin}/{namespace}/{name}`, hosts)
      expect((await ask()).status).toBe(200)
      expect(model.seen).toEqual([])
      expect((await tell()).reason).toContain('may not lead to')
    })

    test.each(['169.254.169.254', '[fe80::1]', '100.100.100.200'])(
      'never lead to %s, whatever the policy names',
      async (host) => {
        await allow(`http://${host}/{namespace}/{name}`, ['0.0.0.0/0', '::/0'])
        expect((await ask()).status).toBe(200)
        expect((await tell()).reason).toMatch(/link-local|metadata/)
      },
    )

    test('are not followed elsewhere, and a call that was sent is not sent again', async () => {
      await allow(`${model.origin}/{namespace}/{name}`)
      const before = proxied()
      model.answer = 'redirect'
      const redirected = await ask()
      expect(redirected.status).toBe(502)
      expect((await json(redirected)).error.message).toContain('does not follow')
      model.answer = 'cut'
      expect((await ask()).status).toBeGreaterThanOrEqual(502)
      expect(model.seen.filter(({ method }) => method === 'POST')).toHaveLength(2)
      expect(proxied()).toBe(before)
    })

    test('need an address that is of one deployment alone', async () => {
      for (const [url, words] of [
        ['https://models.example.com', 'must hold {namespace}'],
        ['https://{name}-{namespace}.example.com', 'between dots or slashes'],
        ['https://{name}.{namespace}.{pod}', 'knows no {pod}'],
        ['file:///{namespace}/{name}', 'must be an address'],
        ['https://user:pw@{name}.{namespace}.example.com', 'must be an address'],
        ['https://{name}.{namespace}.example.com/?a=b', 'must be an address'],
      ] as const) {
        const directModels = { url, hosts: ['*.example.com'] }
        const response = await root.send('PUT', path, { ...defaultPolicy, directModels })
        expect(response.status).toBe(400)
        const { errors } = Problem.parse(await response.json())
        expect(errors).toEqual([
          { pointer: '/directModels/url', detail: expect.stringContaining(words) as string },
        ])
      }
    })
  },
)

describeGateway(
  'models that are for deployers',
  ({ issuer }) => ({
    HUB_ADMINS: 'oidc:root',
    HUB_GRANTS: JSON.stringify([
      { principal: `service:viewer@${issuer}`, role: 'viewer' },
      { principal: `service:deployer@${issuer}`, role: 'deployer', namespaces: ['team'] },
    ]),
  }),
  (at) => {
    test('do not exist for viewers, at once, and are theirs again with the default', async () => {
      const { as, call, world } = at()
      const root = world.hub.browser()
      await root.signIn('root')
      const names = async (client: string) => {
        const { data } = await json(await call('/v1/models', { headers: await as(client) }))
        return data.map(({ id }: { id: string }) => id)
      }
      const seen = async (client: string) => (await names(client)).includes('west/team/qwen')
      const both = ['east/team/qwen', 'west/team/qwen']
      await vi.waitFor(
        async () => expect(await names('viewer')).toEqual(expect.arrayContaining(both)),
        soon,
      )
      await root.send('PUT', path, { ...defaultPolicy, modelUse: 'deployers' })
      await vi.waitFor(async () => expect(await seen('viewer')).toBe(false), soon)
      expect(await seen('deployer')).toBe(true)
      expect(await names('viewer')).toContain('east/team/qwen')
      const refused = await call('/v1/chat/completions', {
        headers: await as('viewer'),
        body: question,
      })
      expect(refused.status).toBe(404)
      const chat = '/api/instances/west/namespaces/team/deployments/qwen/chat'
      const { messages } = question
      const headers = { ...(await as('viewer')), 'content-type': 'application/json' }
      const asked = await call(chat, { headers, body: { messages } })
      expect(asked.status).toBe(403)
      expect((await json(asked)).detail).toContain('keeps models for deployers')
      const told = await call(route, { headers: await as('viewer') })
      expect(ModelRoute.parse(await told.json()).mayUse).toBe(false)
      const used = await call('/v1/chat/completions', {
        headers: await as('deployer'),
        body: question,
      })
      expect(used.status).toBe(200)
      expect(InstancePolicy.parse(await (await root.send('DELETE', path)).json()).modelUse).toBe(
        'viewers',
      )
      await vi.waitFor(async () => expect(await seen('viewer')).toBe(true), soon)
    })
  },
)

/** A model at an address of its own; `answer` is what it does with a call. */
async function listen(tls?: KeyPair) {
  const seen: IncomingMessage[] = []
  const state = {
    seen,
    answer: 'whole' as 'whole' | 'redirect' | 'cut',
    onClose: () => {},
    origin: '',
    stop: async () => {},
  }
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(request)
    if (request.url?.endsWith('/metrics')) return response.end('vllm:num_requests_running 1\n')
    if (request.method === 'GET') return response.end('{"data":[{"id":"qwen3"}]}')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (state.answer === 'cut') return request.socket.destroy()
      if (state.answer === 'redirect') {
        response.writeHead(307, { location: 'http://127.0.0.1:1/' })
        return response.end()
      }
      const { stream } = JSON.parse(Buffer.concat(chunks).toString()) as { stream?: boolean }
      if (!stream) {
        response.setHeader('content-type', 'application/json')
        return response.end('{"id":"direct","choices":[]}')
      }
      response.on('close', () => state.onClose())
      response.setHeader('content-type', 'text/event-stream')
      return response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n')
    })
    return undefined
  }
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.privateKey }, answer)
    : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  state.origin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  state.stop = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return state
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of several shapes are looked into
async function json(response: Response): Promise<any> {
  return response.json()
}
