import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../test/clusters.ts'
import { startApiServer, type ApiServer } from '../api-server/server.ts'
import { createKubeClient, type KubeClient } from '../client.ts'
import { applyManifests, readManifests, runtimeCrdsPath } from '../manifests.ts'
import { startController, type Controller } from './controller.ts'
import { fastTimeline } from './timeline.ts'

const own = '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments'
const waitMs = 30_000
let server: ApiServer
let admin: KubeClient
let controller: Controller

beforeAll(async () => {
  server = await startApiServer()
  const kubeconfig = server.kubeconfig('client-certificate')
  admin = createKubeClient(kubeconfig)
  await applyManifests(admin, await readManifests(runtimeCrdsPath))
  controller = startController({ kubeconfig, timeline: fastTimeline, makesObjects: true })
}, 60_000)
afterAll(async () => {
  await controller?.stop()
  await admin?.close()
  await server?.stop()
})

const halves = { prefill: { gpu: { count: 1 } }, decode: { replicas: 2, gpu: { count: 1 } } }

test.each([
  ['kaito', {}, ['kaito.sh/v1beta1 workspaces kaito'], 'WorkspaceSucceeded'],
  [
    'dynamo',
    { resources: { gpu: { count: 1 } } },
    ['nvidia.com/v1alpha1 dynamographdeployments dynamo'],
    'Ready',
  ],
  [
    'kuberay',
    { resources: { gpu: { count: 1 } } },
    ['ray.io/v1 rayservices kuberay'],
    'RayServiceReady',
  ],
  ['vllm', { resources: { gpu: { count: 1 } } }, ['apps/v1 deployments vllm'], 'Available'],
  [
    'llmd',
    { serving: { mode: 'disaggregated' }, scaling: halves },
    ['apps/v1 deployments llmd-prefill', 'apps/v1 deployments llmd-decode'],
    'Available',
  ],
])(
  '%s makes its object, which says when its pods are ready and goes with the deployment',
  async (name, spec, objects, condition) => {
    const engine = { type: name === 'kaito' ? 'llamacpp' : 'vllm' }
    const body = {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name },
      spec: { model: { id: 'a/b' }, provider: { name }, engine, image: 'x:y', ...spec },
    }
    await eventually(async () => {
      // Providers come by themselves, and the webhook knows none before.
      expect([201, 409]).toContain((await admin.raw('POST', own, { body })).status)
    }, waitMs)
    const read = () =>
      Promise.all(
        objects.map((object) => {
          const [apiVersion, plural, called] = object.split(' ')
          return admin.raw('GET', `/apis/${apiVersion}/namespaces/default/${plural}/${called}`)
        }),
      )
    await eventually(async () => {
      for (const { body: found } of await read()) {
        expect(found.status?.conditions).toMatchObject([{ type: condition, status: 'True' }])
      }
    }, waitMs)
    await admin.request('DELETE', `${own}/${name}`)
    await eventually(async () => {
      for (const { status } of await read()) expect(status).toBe(404)
    }, waitMs)
  },
  90_000,
)
