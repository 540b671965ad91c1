import { createModelLoad, startApiServer, type ApiServer } from '@hub/demo'
import { describeHub, type HubWorld } from './describe-hub.ts'
import { socketOf } from './hub.ts'
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts'

type Options = { headers?: Record<string, string>; body?: unknown; method?: string }

/** A gateway before two clusters; `east` and `west` serve the same model. */
export function describeGateway(
  name: string,
  env: (issuer: TokenIssuer) => Record<string, string>,
  tests: (
    at: () => {
      world: HubWorld
      issuer: TokenIssuer
      east: ApiServer
      west: ApiServer
      call: (path: string, options?: Options) => Promise<Response>
      as: (client: string, claims?: object) => Promise<Record<string, string>>
    },
  ) => void,
  on: Parameters<typeof describeHub>[3] = {},
) {
  let issuer: TokenIssuer
  let east: ApiServer
  let west: ApiServer
  describeHub(
    name,
    async ({ defer }) => {
      ;[issuer, east, west] = await Promise.all([
        startTokenIssuer(),
        startApiServer({ webhooks: false }),
        startApiServer({ webhooks: false }),
      ])
      defer(() => Promise.all([issuer.stop(), east.stop(), west.stop()]))
      for (const cluster of [east, west]) {
        addModel(cluster, 'team', 'qwen', { id: 'Qwen/Qwen3-8B', servedName: 'qwen3' })
      }
      addModel(east, 'other', 'llama', { id: 'meta-llama/Llama-3.1-8B-Instruct' })
      addModel(east, 'team', 'slow', { id: 'org/slow' }, { isReady: false })
      const at = `@${issuer.issuer}`
      return {
        credentials: {
          east: east.kubeconfig('service-account-token'),
          west: west.kubeconfig('service-account-token'),
        },
        env: {
          JWT_ISSUERS: `${issuer.issuer};hub`,
          HUB_GRANTS: JSON.stringify([
            { principal: `service:viewer${at}`, role: 'viewer', namespaces: ['team'] },
            { principal: `service:west${at}`, role: 'viewer', instanceId: 'west' },
            { principal: `service:outside${at}`, role: 'viewer', instanceId: 'groq' },
          ]),
          ...env(issuer),
        },
      }
    },
    (world) => {
      const call = (path: string, { body, headers = {}, method }: Options = {}) => {
        const all = new Headers({ host: 'localhost:3001', ...headers })
        const init = {
          method: method ?? (body === undefined ? 'GET' : 'POST'),
          headers: all,
          ...(body !== undefined && {
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
        }
        return Promise.resolve(
          world.hub.app.request(`http://localhost:3001${path}`, init, socketOf('10.9.9.9', all)),
        )
      }
      const as = async (client: string, claims: object = {}) => ({
        authorization: `Bearer ${await issuer.sign({ sub: client, azp: client, ...claims })}`,
        accept: 'application/json',
      })
      tests(() => ({ world, issuer, east, west, call, as }))
    },
    on,
  )
}

/** Replaces what answers behind `qwen` until it is restored. */
export function backend(
  cluster: ApiServer,
  handle: NonNullable<Parameters<ApiServer['models']['set']>[1]['handle']>,
) {
  const key = 'team/qwen'
  const before = cluster.models.get(key)
  cluster.models.set(key, { id: 'qwen3', load: createModelLoad(), handle })
  return {
    restore: (): void => {
      if (before) cluster.models.set(key, before)
      else cluster.models.delete(key)
    },
  }
}

function addModel(
  cluster: ApiServer,
  namespace: string,
  name: string,
  model: { id: string; servedName?: string },
  { isReady = true } = {},
) {
  const time = new Date().toISOString()
  const metadata = { name, namespace, uid: `u-${namespace}-${name}`, creationTimestamp: time }
  const labels = { 'airunway.ai/deployment': name }
  if (!cluster.storage.find('namespaces', '', namespace)) {
    cluster.storage.create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, uid: `u-${namespace}`, creationTimestamp: time },
      status: { phase: 'Active' },
    })
  }
  if (!cluster.storage.find('inferenceproviderconfigs.airunway.ai', '', 'vllm')) {
    cluster.storage.create('inferenceproviderconfigs.airunway.ai', {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'InferenceProviderConfig',
      metadata: { name: 'vllm', uid: 'u-vllm', creationTimestamp: time },
      status: { ready: true, lastHeartbeat: time },
    })
  }
  cluster.storage.create('modeldeployments.airunway.ai', {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { ...metadata, generation: 1 },
    spec: { model, scaling: { replicas: 1 } },
    status: {
      phase: isReady ? 'Running' : 'Deploying',
      observedGeneration: 1,
      provider: { name: 'vllm' },
      endpoint: { service: name, port: 8000 },
      replicas: { desired: 1, ready: isReady ? 1 : 0, available: isReady ? 1 : 0 },
    },
  })
  cluster.storage.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, uid: `s-${namespace}-${name}` },
    spec: { selector: labels, ports: [{ name: 'http', port: 8000, targetPort: 8000 }] },
  })
  const args = ['--model', model.id, '--served-model-name', model.servedName ?? model.id]
  cluster.storage.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${name}-new-aaaaa`,
      uid: `p-${namespace}-${name}`,
      labels: { ...labels, 'pod-template-hash': 'new' },
    },
    spec: { nodeName: 'gpu-1', containers: [{ name: 'vllm', args }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      containerStatuses: [
        { name: 'vllm', ready: isReady, restartCount: 0, state: { running: { startedAt: time } } },
      ],
    },
  })
}
