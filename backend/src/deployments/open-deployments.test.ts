import type { IncomingMessage, ServerResponse } from 'node:http'
import { createKubeClient, startApiServer, type ApiServer, type KubeClient } from '@hub/demo'
import type { AccessMode } from '@hub/shared'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ClusterInstance, Instances } from '#clusters'
import type { RequestContext } from '#context'
import { createTransport, parseKubeconfig, type ClusterCredential } from '#kube'
import { contextOf, grant } from '../../test/contexts.ts'
import { startTestServer } from '../../test/https-server.ts'
import { nothingGoverned } from '../../test/nothing-governed.ts'
import type { DeploymentDeps } from './deps.ts'
import { openDeployments } from './open-deployments.ts'

const scope = { instance: 'prod', namespace: 'default' }
const soon = { timeout: 15_000, interval: 10 }
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('on a cluster', () => {
  let cluster: ApiServer
  let client: KubeClient
  let deps: DeploymentDeps

  beforeAll(async () => {
    cluster = await startApiServer()
    const kubeconfig = cluster.kubeconfig('client-certificate')
    client = createKubeClient(kubeconfig)
    const parsed = parseKubeconfig(kubeconfig, { allowLoopback: true, allowInsecureTls: false })
    if (!parsed.ok) throw new Error(parsed.reason)
    deps = reach(parsed.credential)
  }, 60_000)
  afterAll(async () => {
    await client?.close()
    await cluster?.stop()
  })

  it('creates, reads, lists, patches and deletes, and says each time that it begins', async () => {
    const deployments = openDeployments(admin(), deps, 'deployment.create', scope)
    const onSend = vi.fn<() => void>()
    expect(await deployments.get('llama')).toBeNull()
    await deployments.create(manifest('llama'), { dryRun: true })
    expect(await deployments.get('llama')).toBeNull()
    const { body } = await deployments.create(manifest('llama'), { onSend })
    const uid = body.metadata!.uid!
    expect(await deployments.get('llama')).toMatchObject({ metadata: { uid } })
    const { items } = await deployments.list({ limit: 10 })
    expect(items!.map(({ metadata }) => metadata?.name)).toEqual(['llama'])
    const patched = await deployments.patch(
      'llama',
      { spec: { scaling: { replicas: 3 } } },
      { onSend },
    )
    expect(patched.body).toMatchObject({ metadata: { uid }, spec: { scaling: { replicas: 3 } } })
    await deployments.delete('llama', uid, { dryRun: true })
    expect(await deployments.get('llama')).not.toBeNull()
    await deployments.delete('llama', uid, { onSend })
    expect(onSend).toHaveBeenCalledTimes(3)
  })

  it('fails in words for people, whatever it was asked', async () => {
    const deployments = openDeployments(admin(), deps, 'deployment.delete', scope)
    await deployments.create(manifest('mistral'))
    await expect(deployments.create(manifest('mistral'))).rejects.toMatchObject({
      code: 'deployment-exists',
    })
    const stale = { metadata: { resourceVersion: '1' }, spec: { scaling: { replicas: 2 } } }
    await expect(deployments.patch('mistral', stale)).rejects.toMatchObject({ code: 'conflict' })
    const other = '00000000-0000-4000-8000-000000000000'
    await expect(deployments.delete('mistral', other)).rejects.toMatchObject({ code: 'conflict' })
    const unknown = { spec: { nonsense: true } }
    await expect(deployments.patch('mistral', unknown)).rejects.toMatchObject({
      code: 'deployment-invalid',
      errors: [{ pointer: '/spec/nonsense' }],
    })
    await expect(deployments.logs('nobody')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('reads the events of one object alone', async () => {
    const { get, events } = openDeployments(admin(), deps, 'deployment.view', scope)
    for (const [name, about] of [
      ['e1', { kind: 'ModelDeployment', name: 'mistral' }],
      ['e2', { kind: 'ModelDeployment', name: 'other' }],
      ['e3', { kind: 'Pod', name: 'mistral' }],
    ] as const) {
      await client.request('POST', '/api/v1/namespaces/default/events', {
        body: {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name, namespace: 'default' },
          involvedObject: { namespace: 'default', ...about },
          reason: 'Tested',
          message: name,
        },
      })
    }
    const read = async (...[about]: Parameters<typeof events>) =>
      (await events(about)).map(({ message }) => message)
    expect(await read({ name: 'mistral' })).toEqual(['e1'])
    expect(await read({ kind: 'Pod', name: 'mistral' })).toEqual(['e3'])
    expect(await read({ name: 'mistral,involvedObject.name!=x' })).toEqual([])
    expect(await get('mistral')).not.toBeNull()
  })
})

describe('on the wire', () => {
  it('asks as the caller, with the id of their request, wherever the instance is asked on their behalf', async () => {
    const { deps, seen } = await serve((_, response) => response.end('{"items":[]}'), 'impersonate')
    const ctx = contextOf([grant('deployer')], { requestId: 'r1' })
    const deployments = openDeployments(ctx, deps, 'deployment.create', scope)
    await deployments.get('a')
    await deployments.list()
    await deployments.patch('a', {})
    await deployments.events({ name: 'a' })
    await (await deployments.logs('a')).cancel()
    await (
      await deployments.proxy(service, { method: 'GET', path: ['v1', 'models'] })
    ).body.cancel()
    expect(seen).toHaveLength(6)
    for (const { headers } of seen) {
      expect(headers).toMatchObject({
        'impersonate-user': 'hub:oidc:someone',
        'impersonate-group': expect.stringContaining('hub:deployer'),
        'audit-id': 'hub-r1',
      })
    }
  })

  it('refuses before it asks', async () => {
    const { deps, seen } = await serve((_, response) => response.end('{}'))
    const viewer = contextOf([grant('viewer')])
    expect(() => openDeployments(viewer, deps, 'deployment.update', scope)).toThrow(/forbidden/)
    expect(() => openDeployments(contextOf(null), deps, 'deployment.view', scope)).toThrow(
      /unauthenticated/,
    )
    const elsewhere = contextOf([grant('admin', { instanceId: null })])
    const gone = { ...scope, instance: 'gone' }
    expect(() => openDeployments(elsewhere, deps, 'deployment.view', gone)).toThrow(/not-found/)
    expect(seen).toEqual([])
  })

  it('follows a log, and lets go of it when the caller does', async () => {
    let closed = 0
    const { deps, seen } = await serve((_, response) => {
      response.once('close', () => (closed += 1))
      response.write('first line')
    })
    const abort = new AbortController()
    const ctx = admin({ signal: abort.signal })
    const { logs } = openDeployments(ctx, deps, 'deployment.view', scope)
    const log = await logs('pod-1', { container: 'model', follow: true, tailLines: 10 })
    const reader = log.getReader()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('first line')
    expect(seen[0]!.url).toBe(
      '/api/v1/namespaces/default/pods/pod-1/log?container=model&follow=true&tailLines=10',
    )
    const rest = reader.read()
    abort.abort()
    await expect(rest).rejects.toMatchObject({ code: 'instance-unreachable' })
    await vi.waitFor(() => expect(closed).toBe(1), soon)
    const other = openDeployments(admin(), deps, 'deployment.view', scope)
    const own = new AbortController()
    const second = await other.logs('pod-1', { follow: true, signal: own.signal })
    own.abort()
    await expect(new Response(second).text()).rejects.toThrow(/instance-unreachable/)
    await vi.waitFor(() => expect(closed).toBe(2), soon)
  })

  it('forwards a body and what is said of it, and nothing of who sends it', async () => {
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
    const { proxy } = openDeployments(admin(), deps, 'deployment.view', scope)
    const answer = await proxy(service, {
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
    [{ service: 'llama', port: 'a:b' }, ['v1']],
    [{ service: '../pods', port: 1 }, ['v1']],
    [service, ['..', '..', 'secrets']],
    [service, ['v1/../../secrets']],
  ] as const)('leads nowhere else: %j %j', async (to, path) => {
    const { deps, seen } = await serve((_, response) => response.end('{}'))
    const { proxy } = openDeployments(admin(), deps, 'deployment.view', scope)
    const [first, ...rest] = path
    await expect(proxy(to, { method: 'GET', path: [first, ...rest] })).rejects.toThrow(TypeError)
    expect(seen).toEqual([])
  })
})

const service = { service: 'llama', port: 8000 }

function admin(overrides: Partial<RequestContext> = {}): RequestContext {
  return contextOf([grant('admin')], overrides)
}

function manifest(name: string) {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name, namespace: 'default' },
    spec: { model: { id: 'a/b' }, engine: { type: 'vllm' } },
  }
}

/** An instance `prod` behind a credential. Nothing here asks the fleet. */
function reach(credential: ClusterCredential, accessMode: AccessMode = 'service'): DeploymentDeps {
  const transport = createTransport(credential, {
    version: 'test',
    addresses: { allowLoopback: true },
  })
  const prod: Partial<ClusterInstance> = {
    id: 'prod',
    accessMode,
    apiGroup: 'airunway.ai',
    status: { state: 'ready', reason: null, since: '', lastSeenAt: null },
    transport,
  }
  const instances = { find: (id: string) => (id === 'prod' ? prod : null) } as unknown as Instances
  return { ...nothingGoverned, instances, fleet: {} as DeploymentDeps['fleet'] }
}

async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  accessMode?: AccessMode,
) {
  const seen: IncomingMessage[] = []
  const server = await startTestServer((request, response) => {
    seen.push(request)
    handle(request, response)
  })
  cleanups.push(server.stop)
  return { deps: reach(server.credential, accessMode), seen }
}
