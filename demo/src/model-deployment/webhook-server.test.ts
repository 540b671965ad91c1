import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterKinds, expectRealClusterInCi } from '../../test/clusters.ts'
import { createKubeClient } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { Cluster } from '../cluster.ts'
import type { KubeObject } from '../objects.ts'

expectRealClusterInCi()

const group = '/apis/airunway.ai/v1alpha1'
const path = `${group}/namespaces/default/modeldeployments`
const configurations =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/airunway-validating-webhook-configuration'
const mergePatch = 'application/merge-patch+json'
const denied = 'admission webhook "vmodeldeployment-v1alpha1.kb.io" denied the request: '

describe.each(clusterKinds)('webhooks of ModelDeployments on $title', ({ start, isSkipped }) => {
  describe.skipIf(isSkipped)('are asked over TLS', () => {
    let cluster: Cluster
    let admin: KubeClient
    beforeAll(async () => {
      cluster = await start({ webhooks: true })
      admin = createKubeClient(cluster.kubeconfig('client-certificate'))
    }, 90_000)
    afterAll(async () => {
      await admin?.close()
      await cluster?.stop()
    }, 30_000)

    const toDeployment = (name: string, spec: object = { model: { id: 'a/b' } }) => ({
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name },
      spec,
    })
    const create = (name: string, spec?: object): Promise<KubeObject> =>
      admin.request('POST', path, { body: toDeployment(name, spec) })
    const patch = (name: string, body: object, subresource = '') =>
      admin.request('PATCH', `${path}/${name}${subresource}`, { body, contentType: mergePatch })

    test('they fill in what was left out, and the schema its part', async () => {
      const { spec } = await create('mutated', { model: { id: 'a/b' }, engine: { type: 'vllm' } })
      expect(spec).toEqual({
        model: { id: 'a/b', source: 'huggingface' },
        engine: {
          type: 'vllm',
          trustRemoteCode: false,
          enablePrefixCaching: true,
          enforceEager: false,
        },
        serving: { mode: 'aggregated' },
        scaling: { replicas: 1 },
        resources: { gpu: { count: 1, type: 'nvidia.com/gpu' } },
      })
    })

    test('a denial is a 403 that names the webhook, and no RBAC refusal', async () => {
      const { body } = await admin.raw('POST', path, { body: toDeployment('with.dot') })
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message: `${denied}metadata.name: Invalid value: "with.dot": must not contain dots`,
      })
    })

    test('warnings are passed on', async () => {
      const body = toDeployment('warned', {
        model: { id: 'a/b' },
        engine: { type: 'vllm', trustRemoteCode: true },
      })
      const { headers, status } = await admin.raw('POST', path, { body })
      expect(status).toBe(201)
      expect(headers['warning']).toBe(
        '299 - "spec.engine.trustRemoteCode is true: code from the model repository will be executed"',
      )
    })

    test('a provider must have registered, and be able to', async () => {
      const spec = { model: { id: 'a/b' }, provider: { name: 'kaito' }, engine: { type: 'vllm' } }
      await expect(create('unregistered', spec)).rejects.toMatchObject({
        status: { message: expect.stringContaining('InferenceProviderConfig "kaito" not found') },
      })
      const engines = [{ name: 'llamacpp', servingModes: ['aggregated'], cpuSupport: true }]
      await admin.request('POST', `${group}/inferenceproviderconfigs`, {
        body: {
          apiVersion: 'airunway.ai/v1alpha1',
          kind: 'InferenceProviderConfig',
          metadata: { name: 'kaito' },
          spec: { capabilities: { engines } },
        },
      })
      await expect(create('unable', spec)).rejects.toMatchObject({
        status: { message: expect.stringContaining('provider kaito supports only: llamacpp') },
      })
    })

    test('the schema speaks before the webhook, and dry runs hear both', async () => {
      await expect(create('with.dot', { engine: {} })).rejects.toMatchObject({
        status: { code: 422 },
      })
      const options = { body: toDeployment('with.dot'), query: { dryRun: 'All' } }
      await expect(admin.request('POST', path, options)).rejects.toMatchObject({
        status: { code: 403 },
      })
    })

    test('what is immutable stays, and a patch of the status is not asked about', async () => {
      await create('fixed')
      await expect(patch('fixed', { spec: { model: { id: 'c/d' } } })).rejects.toMatchObject({
        status: {
          code: 403,
          message: expect.stringContaining(
            'model.id is immutable (changing it requires delete and recreate)',
          ),
        },
      })
      const { status } = await patch('fixed', { status: { phase: 'Running' } }, '/status')
      expect(status).toEqual({ phase: 'Running' })
    })

    test('patches at once are all kept: the later one starts from the earlier', async () => {
      await create('busy')
      const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`)
      await Promise.all(keys.map((key) => patch('busy', { metadata: { labels: { [key]: 'x' } } })))
      const { metadata } = await admin.request('GET', `${path}/busy`)
      expect(Object.keys(metadata.labels).toSorted()).toEqual(keys.toSorted())
    })

    // Last: afterwards nothing can be written.
    test('one that cannot be reached refuses with 500 (failurePolicy Fail)', async () => {
      const [webhook] = (await admin.request('GET', configurations)).webhooks
      expect(webhook).toMatchObject({ failurePolicy: 'Fail', timeoutSeconds: 10 })
      const clientConfig = { ...webhook.clientConfig, url: 'https://127.0.0.1:1/validate' }
      await admin.request('PATCH', configurations, {
        body: { webhooks: [{ ...webhook, clientConfig }] },
        contentType: mergePatch,
      })
      const find = async () => {
        const body = toDeployment('unreachable')
        return (await admin.raw('POST', path, { body, query: { dryRun: 'All' } })).body
      }
      await expect.poll(find, { timeout: 20_000 }).toMatchObject({
        code: 500,
        reason: 'InternalError',
        message: expect.stringMatching(
          /^Internal error occurred: failed calling webhook "vmodeldeployment-v1alpha1\.kb\.io": failed to call webhook: Post "https:\/\/127\.0\.0\.1:1\/validate\?timeout=10s": /,
        ),
      })
    }, 20_000)
  })
})
