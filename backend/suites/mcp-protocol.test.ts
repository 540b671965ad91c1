import { beforeAll, describe, expect, test, vi } from 'vitest'
import { describeAgents } from '../test/agent.ts'
import { describeHub } from '../test/describe-hub.ts'
import { socketOf } from '../test/hub.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const listed = 'https://inspector.example.com'
const both = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }
const old = { ...both, 'mcp-protocol-version': '2025-11-25' }

describeAgents(
  "the agents' door, asked by hand",
  {
    env: { CORS_ORIGINS: listed, JWT_ISSUERS: 'https://ci.example.com;hub' },
    programs: { viewer: { role: 'viewer' }, elsewhere: { role: 'viewer', instanceId: 'none' } },
  },
  (world, agents) => {
    let authorization: string
    beforeAll(async () => {
      authorization = `Bearer ${await agents.tokenOf('viewer')}`
    })

    const send = (
      path: string,
      init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array },
    ) => {
      const headers = new Headers({ host: 'localhost:3001', ...init.headers })
      const sent = { method: 'POST', ...init, headers } as RequestInit
      return Promise.resolve(
        world.hub.app.request(`http://localhost:3001${path}`, sent, socketOf('10.9.9.9', headers)),
      )
    }
    const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
      send('/mcp', { headers: { authorization, ...old, ...headers }, body })
    /** What came of a request, in whichever of both types. */
    const read = async (response: Response) => {
      const text = await response.text()
      const [, data] = /^data: (.*)$/m.exec(text) ?? [null, text]
      return JSON.parse(data) as { id: unknown; result?: object; error?: { code: number } }
    }
    const rpc = (method: string, params?: unknown, id: unknown = 1) =>
      JSON.stringify({ jsonrpc: '2.0', id, method, params })
    const ask = async (method: string, params?: unknown) => read(await post(rpc(method, params)))
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'suite', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const askModern = async (method: string, params: object, name?: string) =>
      read(
        await post(rpc(method, { ...params, _meta: meta }), {
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': method,
          ...(name !== undefined && { 'mcp-name': name }),
        }),
      )

    describe('pages of other origins', () => {
      const preflight = (origin: string) =>
        send('/mcp', {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers':
              'authorization,content-type,mcp-protocol-version,mcp-method,mcp-name',
          },
        })

      test('of a listed one a browser may ask, and reads where tokens come from', async () => {
        const allowed = await preflight(listed)
        expect(allowed.status).toBe(204)
        expect(allowed.headers.get('access-control-allow-origin')).toBe(listed)
        const names = allowed.headers.get('access-control-allow-headers')!.toLowerCase()
        for (const name of ['authorization', 'mcp-protocol-version', 'mcp-method', 'mcp-name'])
          expect(names).toContain(name)
        const answer = await post(rpc('tools/list'), { origin: listed })
        expect(answer.status).toBe(200)
        expect(answer.headers.get('access-control-allow-origin')).toBe(listed)
        expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
        const refused = await send('/mcp', { headers: { ...old, origin: listed }, body: '{}' })
        expect(refused.status).toBe(401)
        expect(refused.headers.get('access-control-allow-origin')).toBe(listed)
        expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
      })

      test('403 for any other, with a token and without, and by every method', async () => {
        for (const origin of ['https://evil.example', 'null', `${listed}.evil.example`]) {
          expect((await preflight(origin)).status).toBe(403)
          for (const headers of [
            { ...old, origin },
            { ...old, origin, authorization },
          ]) {
            const answer = await send('/mcp', { headers, body: rpc('ping') })
            expect([origin, answer.status]).toEqual([origin, 403])
            expect(answer.headers.has('access-control-allow-origin')).toBe(false)
          }
          expect((await send('/mcp', { method: 'GET', headers: { origin } })).status).toBe(403)
        }
      })

      test('every one may read whose tokens it takes', async () => {
        const path = '/.well-known/oauth-protected-resource/mcp'
        const allowed = await send(path, {
          method: 'OPTIONS',
          headers: { origin: 'https://any.example', 'access-control-request-method': 'GET' },
        })
        expect(allowed.status).toBe(204)
        expect(allowed.headers.get('access-control-allow-headers')).toBe('MCP-Protocol-Version')
        const answer = await send(path, { method: 'GET' })
        for (const each of [allowed, answer])
          expect(each.headers.get('access-control-allow-origin')).toBe('*')
        expect(await answer.json()).toMatchObject({
          authorization_servers: [agents.issuer.issuer],
        })
      })
    })

    test('with a slash leads to the door; what is not there is not the page of the portal', async () => {
      const moved = await send('/mcp/', { headers: { authorization, ...old }, body: rpc('ping') })
      expect([moved.status, moved.headers.get('location')]).toEqual([308, '/mcp'])
      for (const path of [
        '/mcp/other',
        '/.well-known/oauth-authorization-server',
        '/.well-known/openid-configuration',
        '/.well-known/oauth-protected-resource/other',
      ]) {
        const answer = await send(path, { method: 'GET' })
        expect([path, answer.status]).toEqual([path, 404])
        expect(answer.headers.get('content-type')).toContain('json')
      }
    })

    test.each([
      ['application/json, text/event-stream', 200],
      ['text/event-stream;q=0.5,application/json', 200],
      ['*/*', 200],
      ['application/*, text/*;q=0.1', 200],
      ['Application/JSON, Text/Event-Stream', 200],
      ['application/json', 406],
      ['text/event-stream, text/html', 406],
    ])('a client that takes %s gets %i', async (accept, status) => {
      for (const method of ['ping', 'tools/list'])
        expect([method, (await post(rpc(method), { accept })).status]).toEqual([method, status])
    })

    test.each([
      ['a batch', `[${rpc('ping')}]`, -32600],
      ['a batch after white space', ` \n[${rpc('ping')},${rpc('tools/list')}]`, -32600],
      ['an empty batch', '[]', -32600],
      ['no JSON', '{', -32700],
      ['nothing', '', -32700],
      ['what is no UTF-8', Buffer.from('{"jsonrpc":"2.0","id":"\xFF","method":"ping"}', 'latin1')],
      ['no id', rpc('ping', undefined, null), -32600],
      ['an id with a fraction', rpc('tools/list', undefined, 1.5), -32600],
      ['parameters that are null', rpc('tools/list', null), -32600],
      ['parameters in a list', rpc('tools/list', []), -32600],
    ])('400 for %s', async (_, body, code = -32700) => {
      for (const version of ['2025-11-25', '2025-03-26']) {
        const answer = await post(body, { 'mcp-protocol-version': version })
        expect(answer.status).toBe(400)
        expect(await read(answer)).toMatchObject({ error: { code } })
      }
    })

    test.each(['a', '', 'é"\\', 0, -1, Number.MAX_SAFE_INTEGER])(
      'an answer has the id %j of its request',
      async (id) => {
        for (const method of ['ping', 'tools/list'])
          expect(await read(await post(rpc(method, undefined, id)))).toMatchObject({ id })
      },
    )

    test('what is told and not asked is taken with 202 and no body', async () => {
      for (const message of [
        { method: 'notifications/initialized' },
        { method: 'notifications/cancelled', params: { requestId: 1 } },
        { method: 'notifications/unknown' },
        { id: 7, result: {} },
      ]) {
        const answer = await post(JSON.stringify({ jsonrpc: '2.0', ...message }))
        expect([message, answer.status, await answer.text()]).toEqual([message, 202, ''])
      }
    })

    test.each<[string, object, RegExp]>([
      ['tools/call', { name: 5 }, /params\.name: /],
      ['tools/list', { cursor: 5 }, /params\.cursor: /],
      ['prompts/list', { cursor: {} }, /params\.cursor: /],
      ['prompts/get', {}, /params\.name: /],
      [
        'prompts/get',
        { name: 'tidy_up', arguments: { instance: 5 } },
        /params\.arguments\.instance: /,
      ],
      ['resources/list', { cursor: [] }, /params\.cursor: /],
      ['resources/templates/list', { cursor: 5 }, /params\.cursor: /],
      ['resources/read', {}, /params\.uri: /],
      ['completion/complete', { argument: { name: 'instance', value: '' } }, /params\.ref: /],
    ])(
      'the params of %s in a form of their own, %j, are invalid, and the field is named',
      async (method, params, field) => {
        const { error } = await ask(method, params)
        expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(field) })
      },
    )

    test('invalid params for a tool, a prompt, an argument and a cursor that there are not', async () => {
      const cursor = 'bogus'
      const wrong: [string, object, string?][] = [
        ['tools/call', { name: 'none' }, 'none'],
        // There is one, for others.
        ['tools/call', { name: 'delete_deployment', arguments: {} }, 'delete_deployment'],
        ['tools/list', { cursor }],
        ['prompts/list', { cursor }],
        ['resources/list', { cursor }],
        ['resources/templates/list', { cursor }],
        ['resources/read', { uri: 'hub://instances/none' }, 'hub://instances/none'],
        ['prompts/get', { name: 'none' }, 'none'],
        [
          'completion/complete',
          { ref: { type: 'ref/prompt', name: 'none' }, argument: { name: 'instance', value: '' } },
        ],
        [
          'completion/complete',
          { ref: { type: 'ref/prompt', name: 'tidy_up' }, argument: { name: 'model', value: '' } },
        ],
        [
          'completion/complete',
          {
            ref: { type: 'ref/prompt', name: 'why_not_running' },
            argument: { name: 'namespace', value: '' },
            context: { arguments: { instance: '../none' } },
          },
        ],
      ]
      for (const [method, params, name] of wrong) {
        for (const { error } of [
          await ask(method, params),
          await askModern(method, params, name),
        ]) {
          expect([method, params, error]).toEqual([
            method,
            params,
            expect.objectContaining({ code: -32602 }),
          ])
        }
      }
      expect(await ask('tools/list', { cursor: '' })).toHaveProperty('result.tools')
    })

    test('completes by what was typed, each name once, however many others there are', async () => {
      const add = (namespace: string, name: string) =>
        agents.cluster.storage.create('modeldeployments.airunway.ai', {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'ModelDeployment',
          metadata: { name, namespace, uid: `${namespace}-${name}`, generation: 1 },
          spec: { model: { id: 'org/model', source: 'huggingface' } },
        })
      for (let count = 0; count < 600; count += 1) add('default', `a-${count}`)
      for (const namespace of ['default', 'other']) add(namespace, 'zz-wanted')
      const completions = async (value: string) => {
        const ref = { type: 'ref/prompt', name: 'why_not_running' }
        const params = { ref, argument: { name: 'name', value } }
        const { result } = await ask('completion/complete', params)
        return (result as { completion: object }).completion
      }
      await vi.waitFor(
        async () =>
          expect(await completions('zz')).toEqual({
            values: ['zz-wanted'],
            total: 1,
            hasMore: false,
          }),
        { timeout: 20_000, interval: 50 },
      )
      expect(await completions('')).toEqual({ values: expect.any(Array), hasMore: true })
      expect(await completions('Z\n')).toEqual({ values: [], total: 0, hasMore: false })
    })

    test('completes what the caller may see, and nothing else', async () => {
      const ref = { type: 'ref/prompt', name: 'tidy_up' }
      const params = { ref, argument: { name: 'instance', value: 'p' } }
      await vi.waitFor(
        async () =>
          expect(await ask('completion/complete', params)).toMatchObject({
            result: { completion: { values: ['prod'], total: 1, hasMore: false } },
          }),
        { timeout: 20_000, interval: 50 },
      )
      const stranger = await post(rpc('completion/complete', params), {
        authorization: `Bearer ${await agents.tokenOf('elsewhere')}`,
      })
      expect(await read(stranger)).toMatchObject({ result: { completion: { values: [] } } })
    })
  },
)

describeHub("the agents' door of a hub without issuers", {}, (world) => {
  test('names none, as what has no value is left out', async () => {
    const headers = new Headers({ host: 'localhost:3001' })
    const url = 'http://localhost:3001/.well-known/oauth-protected-resource/mcp'
    const answer = await world.hub.app.request(url, { headers }, socketOf('10.9.9.9', headers))
    expect(await answer.json()).toEqual({
      resource: 'http://localhost:3001/mcp',
      resource_name: 'KubeAIRunway Hub',
      bearer_methods_supported: ['header'],
    })
  })
})

describeAgents(
  "the agents' door of a hub that takes other tokens elsewhere",
  {
    env: (issuer) => ({
      JWT_ISSUERS: `${issuer};hub`,
      OIDC_ISSUER_URL: issuer,
      OIDC_CLIENT_ID: 'inference-gateway',
    }),
    programs: { viewer: { role: 'viewer' } },
  },
  (world, agents) => {
    const ask = (path: string, token: string, init: RequestInit = {}) => {
      const headers = new Headers({
        ...old,
        authorization: `Bearer ${token}`,
        host: 'localhost:3001',
      })
      return world.hub.app.request(
        `http://localhost:3001${path}`,
        { ...init, headers },
        socketOf('10.9.9.9', headers),
      )
    }
    const ping = { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' }

    test.each([['hub'], ['inference-gateway']])('takes none that is for %s', async (aud) => {
      const token = await agents.tokenOf('viewer', { aud })
      expect((await ask('/mcp', token, ping)).status).toBe(401)
      expect((await ask('/api/instances', token)).status).toBe(200)
      const refused = await ask('/mcp', token, ping)
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toMatch(
        /error="invalid_token".*resource_metadata="/,
      )
      expect(await refused.text()).toContain(`token is for ${aud}, not for mcp-server`)
    })

    test.each([['mcp-server'], ['hub', 'mcp-server']])('takes one for %j %j', async (...aud) => {
      const token = await agents.tokenOf('viewer', { aud })
      expect((await ask('/mcp', token, ping)).status).toBe(200)
    })
  },
)
