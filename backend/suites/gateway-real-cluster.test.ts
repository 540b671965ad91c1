import { createKubeClient, fastTimeline, startController, startControlPlane } from '@hub/demo'
import type { ControlPlane, KubeClient } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { databases } from '../test/databases.ts'
import { startHub, type Browser, type TestHub } from '../test/hub.ts'
import { startOddIdentityProvider } from '../test/odd-identity-provider.ts'
import { soon } from '../test/watched-cluster.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const collection = '/apis/airunway.ai/v1alpha1/namespaces/ml-team/modeldeployments'
const name = 'prod/ml-team/llama'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

/** Placed by the real scheduler, behind a real Service, reached by the real proxy: only the model itself is played. */
describe.skipIf(!assets)('a model on a real control plane (KUBEBUILDER_ASSETS)', () => {
  const undo: (() => unknown)[] = []
  let cluster: ControlPlane
  let client: KubeClient
  let hub: TestHub
  let person: Browser
  let token: string

  beforeAll(async () => {
    const [controlPlane, database, identityProvider] = await Promise.all([
      startControlPlane({
        assets: assets!,
        scheduler: true,
        controllers: true,
        kwok: true,
        models: true,
      }),
      databases[0].open(),
      startOddIdentityProvider(),
    ])
    cluster = controlPlane
    undo.push(cluster.stop, database.dispose, identityProvider.stop)
    const kubeconfig = cluster.kubeconfig('client-certificate')
    client = createKubeClient(kubeconfig)
    undo.push(client.close)
    const { crdGroup } = cluster
    const controller = startController({
      kubeconfig,
      crdGroup,
      timeline: fastTimeline,
      playsNodes: false,
    })
    undo.push(controller.stop)
    hub = await startHub({
      db: database.db,
      identityProvider,
      credentials: { prod: cluster.kubeconfig('service-account-token') },
      env: {
        HUB_GRANTS: JSON.stringify([{ principal: 'oidc:ada', role: 'deployer' }]),
      },
    })
    undo.push(hub.stop)
    person = hub.browser()
    await person.signIn('ada')
    const made = await person.send('POST', '/api/auth/tokens', {
      name: 'models',
      roleCeiling: 'viewer',
      expiresInDays: 1,
    })
    token = ((await made.json()) as { secret: string }).secret
    await client.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ml-team' } },
    })
    await vi.waitFor(async () => {
      const { body, status } = await client.raw('POST', collection, {
        body: {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'ModelDeployment',
          metadata: { name: 'llama', namespace: 'ml-team' },
          spec: {
            model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: 'llama-3.1-8b' },
            provider: { name: 'vllm' },
            engine: { type: 'vllm' },
            resources: { gpu: { count: 1 } },
          },
        },
      })
      expect([status, body.message]).toEqual([201, undefined])
    }, soon)
    await vi.waitFor(async () => {
      const answer = await call('/v1/models')
      const { data } = (await answer.json()) as { data: { id: string }[] }
      expect(data.map(({ id }) => id)).toContain('llama-3.1-8b')
    }, soon)
  })
  afterAll(async () => {
    for (const step of undo.toReversed()) await step()
  })

  const call = async (path: string, body?: object, signal?: AbortSignal) =>
    hub.app.request(`http://localhost:3001${path}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  const messages = [{ role: 'user', content: 'one two three four five six seven eight' }]
  const served = () => [...cluster.models.values()]

  test('answers a chat by the names of the deployment and of the model', async () => {
    for (const model of [name, 'llama-3.1-8b']) {
      await vi.waitFor(async () => {
        const answer = await call('/v1/chat/completions', { model, messages })
        expect([answer.status, await answer.text()]).toEqual([
          200,
          expect.stringContaining('"role":"assistant"'),
        ])
      }, soon)
    }
    expect([...cluster.models.keys()]).toEqual([expect.stringMatching(/^ml-team\/llama-/)])
  })

  test('streams event by event, and takes its request away with a client that goes', async () => {
    const [model] = served()
    model!.wordMs = 300
    try {
      const gone = new AbortController()
      const asked = { model: name, messages, stream: true }
      const answer = await call('/v1/chat/completions', asked, gone.signal)
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
      const { value } = await reader.read()
      expect(value).toMatch(/^data: \{/)
      expect(value).not.toContain('[DONE]')
      expect(model!.load.running).toBe(1)
      const { abort } = model!.load.finished
      gone.abort()
      await reader.cancel().catch(() => {})
      await vi.waitFor(() => expect(model!.load.finished.abort).toBe(abort + 1), soon)
      expect(model!.load.running).toBe(0)
    } finally {
      delete model!.wordMs
    }
  })

  test("tells its metrics by the engine's own names", async () => {
    const path = '/api/instances/prod/namespaces/ml-team/deployments/llama/metrics'
    await vi.waitFor(async () => {
      const answer = await person.get(path)
      expect(await answer.json()).toMatchObject({ engine: 'vllm', reason: null })
    }, soon)
  })

  test("is told in the cluster's own words to be gone where no pod stands behind its Service", async () => {
    const path = '/api/v1/namespaces/ml-team/services'
    const { items } = await client.request('GET', path)
    expect(items).toHaveLength(1)
    await client.request('PATCH', `${path}/${items[0].metadata.name}`, {
      body: { spec: { selector: { nothing: 'here' } } },
      contentType: 'application/strategic-merge-patch+json',
    })
    await vi.waitFor(async () => {
      const answer = await call('/v1/chat/completions', { model: name, messages })
      expect([answer.status, await answer.text()]).toEqual([
        502,
        expect.stringContaining('no endpoints available for service'),
      ])
    }, soon)
  })
})
