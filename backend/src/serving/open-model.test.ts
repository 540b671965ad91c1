import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { contextOf, grant } from '../../test/contexts.ts'
import { pretendInstance } from '../../test/pretend-instance.ts'
import { openModel } from './open-model.ts'

const deployment = {
  instance: 'prod',
  namespace: 'default',
  name: 'llama',
  endpoint: { service: 'llama', port: 8000 },
}
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const viewer = () => contextOf([grant('viewer')], { requestId: 'r1' })

describe('a model behind its cluster', () => {
  it('is asked as the caller where the instance is, with the id of their request', async () => {
    const { deps, seen } = await serve((_, response) => response.end('{}'), 'impersonate')
    const { body } = await openModel(viewer(), deps, 'deployment.chat', deployment).ask({
      method: 'GET',
      path: ['v1', 'models'],
    })
    await body.cancel()
    expect(seen[0]?.headers).toMatchObject({
      'impersonate-user': 'hub:oidc:someone',
      'impersonate-group': 'hub:viewer',
      'audit-id': 'hub-r1',
    })
  })

  it('is not asked for somebody who may not, nor where no endpoint is', async () => {
    const { deps, seen } = await serve((_, response) => response.end('{}'))
    const nobody = contextOf([])
    expect(() => openModel(nobody, deps, 'deployment.chat', deployment)).toThrow(/not-found/)
    const waiting = { ...deployment, endpoint: null }
    expect(() => openModel(viewer(), deps, 'deployment.chat', waiting)).toThrow(
      /instance-not-ready/,
    )
    expect(seen).toEqual([])
  })

  it('gets a body and what is said of it, and nothing of who sends it', async () => {
    const { deps, seen } = await serve((request, response) => {
      response.writeHead(201, {
        'content-type': 'text/event-stream',
        'set-cookie': 'hub_session=stolen',
        'www-authenticate': 'Basic realm="model"',
        location: 'https://10.0.0.1/',
        connection: 'x-hop',
        'x-hop': '1',
        'x-kubernetes-pf-flowschema-uid': '2',
        'audit-id': '3',
        'x-request-id': 'model-1',
      })
      request.pipe(response)
    })
    const answer = await openModel(viewer(), deps, 'deployment.chat', deployment).ask({
      method: 'POST',
      path: ['v1', 'chat', 'completions'],
      query: { stream: 'true' },
      body: new Blob(['{"messages":[]}']).stream(),
      headers: {
        'Content-Type': 'application/json',
        Accept: 'text/event-stream',
        Authorization: 'Bearer mine',
        Cookie: 'hub_session=mine',
        Connection: 'x-mine',
        'Impersonate-User': 'system:admin',
        'Proxy-Authorization': 'Basic eA==',
        'X-Forwarded-For': '10.0.0.1',
        'X-Mine': '1',
      },
    })
    expect(await new Response(answer.body).text()).toBe('{"messages":[]}')
    const [{ headers, url }] = seen as [IncomingMessage]
    expect(url).toBe(
      '/api/v1/namespaces/default/services/http%3Allama%3A8000/proxy/v1/chat/completions?stream=true',
    )
    const { 'audit-id': _, connection: _c, host: _h, ...sent } = headers
    expect(sent).toEqual({
      accept: 'text/event-stream',
      authorization: 'Bearer s3cret-token',
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
      'user-agent': 'kubeairunway-hub/test',
    })
    expect(answer.status).toBe(201)
    const { date: __, ...told } = answer.headers
    expect(told).toEqual({ 'content-type': 'text/event-stream', 'x-request-id': 'model-1' })
  })

  it.each([
    [{ service: 'llama:8000', port: 1 }, ['v1']],
    [{ service: '../pods', port: 1 }, ['v1']],
    [deployment.endpoint, ['..', '..', 'secrets']],
    [deployment.endpoint, ['v1/../../secrets']],
  ] as const)('leads nowhere else: %j %j', async (endpoint, [first, ...rest]) => {
    const { deps, seen } = await serve((_, response) => response.end('{}'))
    const model = openModel(viewer(), deps, 'deployment.chat', { ...deployment, endpoint })
    await expect(model.ask({ method: 'GET', path: [first, ...rest] })).rejects.toThrow(TypeError)
    expect(seen).toEqual([])
  })
})

async function serve(...given: Parameters<typeof pretendInstance>) {
  const { instances, seen, stop } = await pretendInstance(...given)
  cleanups.push(stop)
  return { deps: { instances, directRoutes: null }, seen }
}
