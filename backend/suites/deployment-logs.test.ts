import { startApiServer, type ApiServer } from '@hub/demo'
import {
  DeploymentEvents,
  DeploymentExplanation,
  DeploymentPods,
  LogEvent,
  Problem,
} from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const at = '/api/instances/prod/namespaces/default/deployments/llama'
/** Known by nothing but their names; the others are of somebody else. */
const gonePods = {
  vllm: 'llama-7d9f8b6c5d-x2v4z',
  llmd: 'llama-decode-7d9f8b6c5d-x2v4z',
  dynamo: 'llama-vllmworker-1a2b3c4d-7d9f8b6c5d-x2v4z',
  picker: 'llama-epp-7d9f8b6c5d-x2v4z',
  kaito: 'llama-0',
  other: 'llama-eppler-7d9f8b6c5d-x2v4z',
  another: 'llama-chat-0',
}

describe.each(databases)('what a deployment does, on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let cluster: ApiServer
  let hub: TestHub
  let root: Browser

  beforeAll(async () => {
    ;[database, identityProvider, cluster] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startApiServer({ webhooks: false }),
    ])
    hub = await startHub({
      db: database.db,
      identityProvider,
      env: { HUB_ADMINS: 'oidc:root' },
      credentials: { prod: cluster.kubeconfig('service-account-token') },
    })
    root = hub.browser()
    await root.signIn('root')
    cluster.storage.create('inferenceproviderconfigs.airunway.ai', {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'InferenceProviderConfig',
      metadata: { name: 'vllm', uid: 'u-vllm', creationTimestamp: time() },
      status: { ready: true, lastHeartbeat: time() },
    })
    cluster.storage.create('modeldeployments.airunway.ai', {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name: 'llama', namespace: 'default', uid: 'u-llama', creationTimestamp: time() },
      spec: { model: { id: 'a/b' }, scaling: { replicas: 2 } },
      status: { phase: 'Deploying', provider: { name: 'vllm' } },
    })
    for (const name of ['llama-old-bbbbb', 'llama-old-ccccc']) {
      cluster.storage.create('pods', podObject(name))
    }
    cluster.storage.create('events', eventObject('e1', 'Pod', 'llama-old-bbbbb', 'Unhealthy'))
    cluster.storage.create('events', eventObject('e2', 'Pod', 'other-pod', 'Unhealthy'))
    for (const [name, pod] of Object.entries(gonePods)) {
      cluster.storage.create('events', eventObject(name, 'Pod', pod, name))
    }
    cluster.storage.create('events', eventObject('e3', 'ModelDeployment', 'llama', 'Odd', 'before'))
    await vi.waitFor(() => {
      expect(
        hub.fleet.pods({ instance: 'prod', namespace: 'default', deployment: 'llama' }),
      ).toHaveLength(2)
      expect(hub.fleet.get('prod', 'default', 'llama')).not.toBeNull()
    }, soon)
  })
  afterAll(async () => {
    await hub?.stop()
    await Promise.all([cluster?.stop(), database?.dispose(), identityProvider?.stop()])
  })

  const stop = new AbortController()
  const events = async (query: string) => {
    const response = await root.request(`${at}/logs${query}`, { signal: stop.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    return readEvents(response)
  }
  const textOf = (all: LogEvent[], pod: string) =>
    all
      .flatMap((each) => (each.type === 'lines' && each.pod === pod ? each.lines : []))
      .map(({ text }) => text)

  test('is explained, with its pods', async () => {
    // Each kind of object comes by a watch of its own: the runtime may come after the deployment.
    await vi.waitFor(async () => {
      const told = DeploymentExplanation.parse(await (await root.get(`${at}/explain`)).json())
      expect(told).toMatchObject({ state: 'starting', phase: 'Deploying', isCurrent: true })
    }, soon)
    const { items } = DeploymentPods.parse(await (await root.get(`${at}/pods`)).json())
    expect(
      items?.map(({ containers, name, revision }) => [name, revision, containers[0]?.state]),
    ).toEqual([
      ['llama-old-bbbbb', 'old', 'running'],
      ['llama-old-ccccc', 'old', 'running'],
    ])
  })

  test('has events about itself and its pods alone, and none of a namesake', async () => {
    const { items } = DeploymentEvents.parse(await (await root.get(`${at}/events`)).json())
    expect(items.map(({ objects, reason }) => [reason, ...objects].join(' ')).toSorted()).toEqual([
      'Unhealthy llama-old-bbbbb',
      `dynamo ${gonePods.dynamo}`,
      `kaito ${gonePods.kaito}`,
      `llmd ${gonePods.llmd}`,
      `picker ${gonePods.picker}`,
      `vllm ${gonePods.vllm}`,
    ])
  })

  test('all pods at once, as events and as text', async () => {
    for (const name of ['llama-old-bbbbb', 'llama-old-ccccc']) {
      cluster.logs.write({ namespace: 'default', name }, `first of ${name}\n`)
      cluster.logs.write({ namespace: 'default', name }, '\u001b[32mgreen\u001b[0m\n')
    }
    const all = await collect(await events(''))
    expect(all.at(-1)).toEqual({ type: 'end', reason: 'That is all.' })
    expect(textOf(all, 'llama-old-bbbbb')).toEqual(['first of llama-old-bbbbb', 'green'])
    expect(textOf(all, 'llama-old-ccccc')).toEqual(['first of llama-old-ccccc', 'green'])
    const plain = await root.request(`${at}/logs?pod=llama-old-bbbbb&tail=1`, {
      headers: { accept: 'text/plain' },
    })
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await plain.text()).toBe('green\n# That is all.\n')
  })

  test('is followed over a lost connection, without a line twice, until the pod is gone', async () => {
    const name = 'llama-old-bbbbb'
    const reader = await events(`?pod=${name}&follow=true&tail=0`)
    const seen: LogEvent[] = []
    const until = async (isIt: (event: LogEvent) => boolean) => {
      for (;;) {
        const next = await reader.next()
        if (next.done) throw new Error(`It ended: ${JSON.stringify(seen.slice(-3))}`)
        seen.push(next.value)
        if (isIt(next.value)) return
      }
    }
    const hasLine = (text: string) => (event: LogEvent) =>
      event.type === 'lines' && event.lines.some((line) => line.text === text)
    await until(({ type }) => type === 'pod')
    cluster.logs.write({ namespace: 'default', name }, 'one\n')
    cluster.logs.write({ namespace: 'default', name }, Buffer.from([0xff, 10]))
    await until(hasLine('\ufffd'))
    await cluster.pause()
    await until((event) => event.type === 'pod' && event.state === 'retrying')
    cluster.logs.write({ namespace: 'default', name }, 'two\n')
    await cluster.resume()
    await until(hasLine('two'))
    expect(textOf(seen, name)).toEqual(['one', '\ufffd', 'two'])
    const stored = cluster.storage.find('pods', 'default', name)!
    cluster.storage.remove('pods', stored)
    await until(({ type }) => type === 'end')
    expect(seen).toContainEqual({
      type: 'pod',
      pod: name,
      state: 'ended',
      reason: 'The pod is gone.',
    })
  })

  test('ends once the reader may not read it any more', async () => {
    const person = hub.browser()
    await person.signIn('visitor')
    const users = (await (await root.get('/api/admin/users')).json()) as {
      items: { id: string; displayName: string }[]
    }
    const user = users.items.find(({ displayName }) => displayName === 'visitor')!.id
    const grant = await root.send('POST', `/api/admin/users/${user}/roles`, {
      role: 'viewer',
      instanceId: 'prod',
    })
    expect(grant.status).toBe(201)
    const { id } = (await grant.json()) as { id: string }
    await vi.waitFor(async () => expect((await person.get(at)).status).toBe(200), soon)
    const response = await person.request(`${at}/logs?follow=true&pod=llama-old-ccccc`)
    const reader = readEvents(response)
    await reader.next()
    await root.send('DELETE', `/api/admin/users/${user}/roles/${id}`)
    const all = await collect(reader)
    expect(all.at(-1)).toEqual({ type: 'end', reason: 'You may not read it any more.' })
  })

  test.each([
    ['?pod=another', 404],
    ['?tail=-1', 400],
    ['?follow=perhaps', 400],
    ['?since=0', 400],
  ])('is refused: %s', async (query, status) => {
    const response = await root.get(`${at}/logs${query}`)
    expect([response.status, Problem.parse(await response.json()).status]).toEqual([status, status])
  })

  test('is refused where so many are open already, and not once one is closed', async () => {
    const opened = await Promise.all(
      Array.from({ length: 6 }, () => root.request(`${at}/logs?follow=true&pod=llama-old-ccccc`)),
    )
    const refused = await root.get(`${at}/logs?follow=true`)
    expect(Problem.parse(await refused.json()).code).toBe('too-many-streams')
    await Promise.all(opened.map((each) => each.body!.cancel()))
    const again = await root.request(`${at}/logs?follow=true`)
    expect(again.status).toBe(200)
    await again.body!.cancel()
  })
})

async function collect(reader: AsyncGenerator<LogEvent>): Promise<LogEvent[]> {
  const all: LogEvent[] = []
  for await (const event of reader) all.push(event)
  return all
}

/** The events of a stream, each checked against the contract. */
async function* readEvents(response: Response): AsyncGenerator<LogEvent> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const match = /^event: (.*)\ndata: (.*)$/.exec(block)
      if (match) yield LogEvent.parse({ type: match[1], ...(JSON.parse(match[2]!) as object) })
    }
  }
}

function time(): string {
  return new Date().toISOString()
}

function podObject(name: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `u-${name}`,
      creationTimestamp: time(),
      labels: { 'airunway.ai/deployment': 'llama', 'pod-template-hash': 'old' },
    },
    spec: { nodeName: 'gpu-1', containers: [{ name: 'vllm' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'vllm', ready: false, restartCount: 0, state: { running: { startedAt: time() } } },
      ],
    },
  }
}

function eventObject(name: string, kind: string, about: string, reason: string, uid?: string) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: time() },
    involvedObject: { kind, name: about, namespace: 'default', ...(uid && { uid }) },
    type: 'Warning',
    reason,
    message: 'x',
    lastTimestamp: time(),
  }
}
