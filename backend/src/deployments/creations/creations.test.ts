import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { KubeClient } from '@hub/demo'
import { CreatedDeployment, DeploymentManifest, Instance, Problem } from '@hub/shared'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeOnClusters } from '../../../test/describe-on-clusters.ts'
import type { Browser, TestHub } from '../../../test/hub.ts'

const group = '/apis/airunway.ai/v1alpha1'
const objects = `${group}/namespaces/ml-team/modeldeployments`
const soon = { timeout: 30_000, interval: 25 }
const model = { model: { id: 'Qwen/Qwen3-8B' } }

describeOnClusters(
  'creating a deployment',
  {
    namespaces: ['ml-team'],
    options: ({ cluster }) => ({
      credentials: {
        'prod-east': cluster.kubeconfig('service-account-token'),
        'all-powerful': cluster.kubeconfig('client-certificate'),
      },
      env: {
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer', namespaces: ['ml-team'] },
        ]),
      },
    }),
  },
  (world) => {
    let client: KubeClient
    let hub: TestHub
    let deployer: Browser

    beforeAll(async () => {
      ;({ client, hub } = world)
      deployer = hub.browser()
      await deployer.signIn('bob')
      await vi.waitFor(async () => {
        for (const id of ['prod-east', 'all-powerful']) {
          expect(hub.fleet.instanceState(id).synced).toBe(true)
          expect(await runtimesOf(id)).toEqual([])
        }
      }, soon)
    })

    const runtimesOf = async (id: string) => {
      const response = await deployer.get(`/api/instances/${id}`)
      return Instance.parse(await response.json()).runtimes
    }
    const post = (
      body: string | object,
      { instance = 'prod-east', query = '', type = 'application/json' } = {},
    ) =>
      deployer.request(`/api/instances/${instance}/namespaces/ml-team/deployments${query}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': type },
      })
    const refused = async (status: number, ...args: Parameters<typeof post>) => {
      const response = await post(...args)
      const text = await response.text()
      expect([response.status, text]).toEqual([status, text])
      return Problem.parse(JSON.parse(text))
    }
    const created = async (...args: Parameters<typeof post>) => {
      const response = await post(...args)
      const text = await response.text()
      expect([response.status < 300, text]).toEqual([true, text])
      return CreatedDeployment.parse(JSON.parse(text))
    }
    const get = (name: string) => client.request('GET', `${objects}/${name}`)
    const pointersOf = ({ errors }: Problem) => errors?.map(({ pointer }) => pointer)
    const yaml = { type: 'application/yaml' }
    const manifest = (name: string, more = '') =>
      `apiVersion: airunway.ai/v1alpha1\nkind: ModelDeployment\nmetadata:\n  name: ${name}\n${more}spec:\n  model:\n    id: Qwen/Qwen3-8B\n`

    test('all of the spec, and labels and annotations of its own', async () => {
      const { warnings } = await created({
        name: 'full',
        labels: { team: 'search' },
        annotations: { 'example.com/ticket': 'A-1' },
        spec: { ...model, nodeSelector: { pool: 'a' }, scaling: { replicas: 2 } },
      })
      expect(warnings).toEqual([
        'No runtime is registered on this instance: it waits until one is.',
      ])
      const { metadata, spec } = await get('full')
      expect(metadata.labels).toEqual({
        team: 'search',
        'app.kubernetes.io/name': 'airunway',
        'app.kubernetes.io/instance': 'full',
        'app.kubernetes.io/managed-by': 'airunway',
      })
      expect(metadata.annotations).toMatchObject({
        'example.com/ticket': 'A-1',
        'airunway.ai/created-by': 'oidc:bob',
      })
      expect(spec).toMatchObject({ nodeSelector: { pool: 'a' }, scaling: { replicas: 2 } })
    })

    test('what the webhook warns of comes with the answer, and with that of a dry run', async () => {
      const spec = { ...model, engine: { type: 'vllm', trustRemoteCode: true } }
      const words =
        'spec.engine.trustRemoteCode is true: code from the model repository will be executed'
      const tried = await created({ name: 'warned', spec }, { query: '?dryRun=All' })
      expect(tried.warnings).toContain(words)
      expect((await created({ name: 'warned', spec })).warnings).toContain(words)
    })

    test('a denial of the webhook is told at its field, and not as missing rights', async () => {
      const problem = await refused(422, {
        name: 'denied',
        spec: { ...model, resources: { memory: '5Ti' } },
      })
      expect(problem).toMatchObject({
        code: 'deployment-refused',
        errors: [{ pointer: '/spec/resources/memory' }],
      })
      expect(problem.detail).not.toMatch(/forbidden|RBAC|rights/i)
    })

    test('labels and annotations of others are refused at the field', async () => {
      const problem = await refused(422, {
        name: 'reserved',
        labels: { 'app.kubernetes.io/managed-by': 'helm' },
        annotations: { 'airunway.ai/reconcile-paused': 'true' },
        spec: model,
      })
      expect(pointersOf(problem)).toEqual([
        '/labels/app.kubernetes.io~1managed-by',
        '/annotations/airunway.ai~1reconcile-paused',
      ])
    })

    test('the manifest itself is taken, as YAML and as JSON, of either group', async () => {
      await created(manifest('by-yaml', '  labels:\n    team: a\n'), yaml)
      expect((await get('by-yaml')).metadata.labels).toMatchObject({ team: 'a' })
      await created(manifest('by-older').replace('airunway.ai', 'kubeairunway.ai'), yaml)
      expect((await get('by-older')).apiVersion).toBe('airunway.ai/v1alpha1')
      await created({
        apiVersion: 'airunway.ai/v1alpha1',
        kind: 'ModelDeployment',
        metadata: { name: 'by-json', namespace: 'ml-team' },
        spec: model,
      })
      expect((await get('by-json')).spec.model.id).toBe('Qwen/Qwen3-8B')
    })

    test('what kubectl shows, and what the hub exports, can be sent again', async () => {
      const shown = await get('by-yaml')
      await client.request('DELETE', `${objects}/by-yaml`)
      await created(shown)
      const path = '/api/instances/prod-east/namespaces/ml-team/deployments/by-yaml'
      const exported = DeploymentManifest.parse(
        await (await deployer.get(`${path}/manifest`)).json(),
      )
      await client.request('DELETE', `${objects}/by-yaml`)
      const again = await created(exported.yaml, yaml)
      expect(again.uid).not.toBe(shown.metadata.uid)
      expect((await get('by-yaml')).spec).toEqual(shown['spec'])
    })

    test('a manifest of something else is refused at its fields', async () => {
      const foreign = await refused(
        400,
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', namespace: 'other' } },
        {},
      )
      expect(pointersOf(foreign)).toEqual(['/kind', '/apiVersion', '/metadata/namespace'])
      const wrong = await refused(400, manifest('Not_A_Name', '  ownerReferences: []\n'), yaml)
      expect(pointersOf(wrong)).toEqual(['/metadata/ownerReferences'])
      const named = await refused(400, manifest('Not_A_Name'), yaml)
      expect(pointersOf(named)).toEqual(['/metadata/name'])
      const unknown = await refused(400, `${manifest('x')}  replicas: 3\n`, yaml)
      expect(pointersOf(unknown)).toEqual(['/spec/replicas'])
      const taken = await refused(422, manifest('y', '  labels:\n    k8s.io/a: b\n'), yaml)
      expect(pointersOf(taken)).toEqual(['/metadata/labels/k8s.io~1a'])
    })

    test.each([
      ['several documents', `${manifest('a')}---\n${manifest('b')}`, /several documents.*line 8/],
      ['a key twice', `${manifest('a')}spec: {}\n`, /same key twice.*line 8/],
      ['aliases', manifest('a').replace('Qwen/Qwen3-8B', '*id'), /alias|not YAML/],
      ['no YAML', '{', /is not YAML/],
    ])('of YAML, %s is said with its line', async (_, text, words) => {
      const problem = await refused(400, text, yaml)
      expect(problem.detail).toMatch(words)
    })

    test('2 MB of it are too large, and another door takes no YAML', async () => {
      const large = `${manifest('large')}# ${'x'.repeat(2 * 1024 * 1024)}`
      expect((await refused(413, large, yaml)).code).toBe('body-too-large')
      const patch = await deployer.request(
        '/api/instances/prod-east/namespaces/ml-team/deployments/full',
        { method: 'PATCH', body: manifest('full'), headers: { 'content-type': yaml.type } },
      )
      expect(patch.status).toBe(415)
    })

    test('a Secret and a claim that are missing are said where the credential may look', async () => {
      const input = {
        name: 'missing',
        spec: {
          ...model,
          secrets: { huggingFaceToken: 'hf-token' },
          model: {
            ...model.model,
            storage: { volumes: [{ name: 'models', purpose: 'modelCache', claimName: 'models' }] },
          },
        },
      }
      const dry = { query: '?dryRun=All' }
      const least = await created(input, dry)
      const claim =
        'There is no claim "models" in namespace "ml-team" yet: pods do not start before it is there.'
      expect(least.warnings.filter((words) => words.startsWith('There is no'))).toEqual([claim])
      const most = await created(input, { ...dry, instance: 'all-powerful' })
      const secret =
        'There is no Secret "hf-token" in namespace "ml-team" yet: pods do not start before it is there, with the key HF_TOKEN.'
      const said = most.warnings.filter((words) => words.startsWith('There is no'))
      // The demo's own server keeps no Secrets, and cannot tell.
      expect(said).toEqual(world.isReal ? [secret, claim] : [claim])
    })

    test.each([
      ['is away', async () => 'https://127.0.0.1:1'],
      ['hangs until its time is over', listenSilently],
    ])('a webhook that %s is told as that, and nothing is created', async (_, startWebhook) => {
      const url = `${await startWebhook()}/validate`
      const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
      await client.request('POST', path, {
        body: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name: 'away' },
          webhooks: [
            {
              name: 'away.example.com',
              admissionReviewVersions: ['v1'],
              clientConfig: { url },
              failurePolicy: 'Fail',
              sideEffects: 'None',
              timeoutSeconds: 1,
              rules: [
                {
                  apiGroups: ['airunway.ai'],
                  apiVersions: ['v1alpha1'],
                  operations: ['CREATE'],
                  resources: ['modeldeployments'],
                },
              ],
            },
          ],
        },
      })
      const input = { name: 'unchecked', spec: model }
      // A real API server hears of a new webhook a moment later.
      await vi.waitFor(async () => {
        const response = await post(input, { query: '?dryRun=All' })
        expect(response.status).toBe(502)
      }, soon)
      const problem = await refused(502, input)
      expect(problem.detail).toMatch(
        /could not check this, so nothing was done.*away\.example\.com/,
      )
      expect(problem.outcome).toBeUndefined()
      await client.request('DELETE', `${path}/away`)
      await vi.waitFor(async () => {
        expect((await post(input, { query: '?dryRun=All' })).status).toBe(200)
      }, soon)
      expect((await client.raw('GET', `${objects}/unchecked`)).status).toBe(404)
    })

    test('a runtime and an engine that the instance lacks are said at the field', async () => {
      await client.request('POST', `${group}/inferenceproviderconfigs`, {
        body: {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'InferenceProviderConfig',
          metadata: { name: 'kaito' },
          spec: { capabilities: { engines: [{ name: 'vllm', gpuSupport: true }] } },
        },
      })
      const input = (spec: object) => ({ name: 'unoffered', spec: { ...model, ...spec } })
      await vi.waitFor(async () => expect(await runtimesOf('prod-east')).toHaveLength(1), soon)
      const none = await refused(422, input({ provider: { name: 'dynamo' } }))
      expect(none.errors).toEqual([
        {
          pointer: '/spec/provider/name',
          detail: 'is no runtime of this instance, which has kaito',
        },
      ])
      const problem = await refused(422, input({ engine: { type: 'sglang' } }))
      expect(pointersOf(problem)).toEqual(['/spec/engine/type'])
      const { warnings } = await created(input({ provider: { name: 'kaito' } }), {
        query: '?dryRun=All',
      })
      expect(warnings).toEqual([
        'Runtime kaito does not report that it is ready: it may wait for it.',
      ])
    })
  },
)

/** Takes connections and never says anything. */
async function listenSilently(): Promise<string> {
  const open = new Set<Socket>()
  const server = createServer((socket) => void open.add(socket.on('error', () => {})))
  onTestFinished(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
