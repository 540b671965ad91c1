import { createKubeClient, startApiServer, type ApiServer, type KubeClient } from '@hub/demo'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Instances } from '#clusters'
import type { RequestContext } from '#context'
import { parseKubeconfig } from '#kube'
import { contextOf, grant } from '../../test/contexts.ts'
import { nothingGoverned } from '../../test/nothing-governed.ts'
import { pretendInstance, reachInstance } from '../../test/pretend-instance.ts'
import { takeIn } from '../../test/take-in.ts'
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
    deps = depsOf(reachInstance(parsed.credential))
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
    await deployments.logs('a')
    expect(seen).toHaveLength(5)
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
    const { ended, text } = takeIn(log)
    await vi.waitFor(() => expect(text()).toBe('first line'), soon)
    expect(seen[0]!.url).toBe(
      '/api/v1/namespaces/default/pods/pod-1/log?container=model&follow=true&tailLines=10',
    )
    abort.abort()
    expect(await ended).toMatchObject({ code: 'instance-unreachable' })
    await vi.waitFor(() => expect(closed).toBe(1), soon)
    const other = openDeployments(admin(), deps, 'deployment.view', scope)
    const own = new AbortController()
    const second = await other.logs('pod-1', { follow: true, signal: own.signal })
    own.abort()
    expect(await takeIn(second).ended).toMatchObject({ code: 'instance-unreachable' })
    await vi.waitFor(() => expect(closed).toBe(2), soon)
  })
})

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

/** Nothing here asks the fleet. */
function depsOf(instances: Instances): DeploymentDeps {
  return { ...nothingGoverned, instances, fleet: {} as DeploymentDeps['fleet'] }
}

async function serve(...given: Parameters<typeof pretendInstance>) {
  const { instances, seen, stop } = await pretendInstance(...given)
  cleanups.push(stop)
  return { deps: depsOf(instances), seen }
}
