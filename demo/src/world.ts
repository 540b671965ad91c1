import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { startApiServer } from './api-server/server.ts'
import { createKubeClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import { startController } from './controller/controller.ts'
import { demoTimeline, fastTimeline } from './controller/timeline.ts'
import { startIdentityProvider } from './identity-provider/identity-provider.ts'
import type { KubeObject } from './objects.ts'

export const instanceName = 'demo-east'

export type World = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly cluster: Cluster
  stop(): Promise<void>
}

/** Vite's development server forwards /api to the hub, and people sign in through it too. */
const developmentPort = 5173
const seedTimeoutMs = 10_000

/** The identity provider and one cluster with its controller and a few deployments. */
export async function startWorld(options: {
  hubPort: number
  log: (message: string) => void
}): Promise<World> {
  const clientId = 'kubeairunway-hub'
  const clientSecret = randomBytes(24).toString('base64url')
  const origins = [options.hubPort, developmentPort].flatMap((port) => [
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,
  ])
  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const identityProvider = await startIdentityProvider({
      clients: [
        {
          clientId,
          clientSecret,
          name: 'KubeAIRunway Hub',
          redirectUris: origins.map((origin) => `${origin}/api/auth/callback/oidc`),
          postLogoutRedirectUris: origins.flatMap((origin) => [origin, `${origin}/`]),
          backchannelLogoutUri: `http://127.0.0.1:${options.hubPort}/api/auth/backchannel-logout/oidc`,
        },
      ],
    })
    undo.push(identityProvider.stop)
    options.log(`identity provider ${identityProvider.issuer}`)

    const cluster = await startApiServer({ name: instanceName })
    undo.push(cluster.stop)
    const kubeconfig = cluster.kubeconfig('client-certificate')
    await seed(kubeconfig)
    const controller = startController({ kubeconfig, timeline: demoTimeline, log: options.log })
    undo.push(controller.stop)
    options.log(`cluster ${instanceName} ${cluster.url}`)
    return { issuer: identityProvider.issuer, clientId, clientSecret, cluster, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Deployments that are there, and running, before anybody looks. */
async function seed(kubeconfig: string): Promise<void> {
  const client = createKubeClient(kubeconfig)
  const controller = startController({ kubeconfig, timeline: fastTimeline })
  try {
    for (const name of ['ml-team', 'data-science']) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      await client.request('POST', '/api/v1/namespaces', { body })
    }
    const paths: string[] = []
    for (const deployment of seededDeployments) {
      const { namespace, name } = deployment.metadata
      const path = `/apis/airunway.ai/v1alpha1/namespaces/${namespace}/modeldeployments`
      await createOnceProvidersAre(client, path, deployment)
      paths.push(`${path}/${name}`)
    }
    const deadline = Date.now() + seedTimeoutMs
    for (const path of paths) {
      while ((await client.request('GET', path)).status?.phase !== 'Running') {
        if (Date.now() > deadline) throw new Error(`${path} did not come up in the demo cluster.`)
        await delay(25)
      }
    }
  } finally {
    await controller.stop()
    await client.close()
  }
}

/** The webhook refuses a deployment whose provider has not registered yet: give it a moment. */
async function createOnceProvidersAre(
  client: ReturnType<typeof createKubeClient>,
  path: string,
  body: KubeObject,
): Promise<void> {
  const deadline = Date.now() + seedTimeoutMs
  for (;;) {
    const response = await client.raw('POST', path, { body })
    if (response.status < 400) return
    if (response.status !== 403 || Date.now() > deadline) throw new Error(response.body.message)
    await delay(25)
  }
}

const seededDeployments: KubeObject[] = [
  toDeployment('ml-team', 'llama-3-1-8b', {
    model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: 'llama-3.1-8b' },
    provider: { name: 'vllm' },
    engine: { type: 'vllm', contextLength: 16384 },
    scaling: { replicas: 2 },
    resources: { gpu: { count: 1 }, memory: '32Gi' },
  }),
  toDeployment('data-science', 'qwen-2-5-coder-32b', {
    model: { id: 'Qwen/Qwen2.5-Coder-32B-Instruct' },
    provider: { name: 'dynamo' },
    engine: { type: 'sglang' },
    resources: { gpu: { count: 2 }, memory: '96Gi' },
  }),
  toDeployment('data-science', 'phi-4-mini', {
    model: { id: 'microsoft/Phi-4-mini-instruct' },
    provider: { name: 'kaito' },
    engine: { type: 'llamacpp' },
    image: 'ghcr.io/kaito-project/aikit/phi4:mini',
    resources: { cpu: '8', memory: '16Gi' },
  }),
]

function toDeployment(namespace: string, name: string, spec: object): KubeObject {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'airunway' } },
    spec,
  }
}
