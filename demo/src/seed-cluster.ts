import { setTimeout as delay } from 'node:timers/promises'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { KubeObject } from './objects.ts'
import type { WorldDeployment } from './world-clusters.ts'

const atOnce = 16

/** Creates deployments and their namespaces, and with a time given waits until they run: while none moves for so long, it gives up. */
export async function seedCluster(
  cluster: Cluster,
  deployments: readonly WorldDeployment[],
  stillMsMax: number | null,
): Promise<void> {
  const client = createKubeClient(cluster.kubeconfig('client-certificate'))
  try {
    for (const name of new Set(deployments.map(({ namespace }) => namespace))) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      const { status, body: answer } = await client.raw('POST', '/api/v1/namespaces', { body })
      if (status >= 400 && answer.reason !== 'AlreadyExists') throw new Error(answer.message)
    }
    const collection = ({ namespace }: WorldDeployment) =>
      `/apis/${cluster.crdGroup}/v1alpha1/namespaces/${namespace}/modeldeployments`
    for (let i = 0; i < deployments.length; i += atOnce) {
      const creating = deployments
        .slice(i, i + atOnce)
        .map((each) => createOnceProvidersAre(client, collection(each), toObject(cluster, each)))
      await Promise.all(creating)
    }
    if (stillMsMax === null) return
    const expected = deployments.filter(({ isStuck }) => !isStuck)
    await waitWhileItMoves(stillMsMax, async () => {
      const path = `/apis/${cluster.crdGroup}/v1alpha1/modeldeployments`
      const pods = await client.request('GET', '/api/v1/pods')
      const { items } = await client.request('GET', path)
      const missing = expected.find(({ name, namespace }) => {
        const found = items.find(
          ({ metadata }: KubeObject) => metadata.name === name && metadata.namespace === namespace,
        )
        return found?.status?.phase !== 'Running'
      })
      return {
        missing: missing && `${collection(missing)}/${missing.name}`,
        progress: JSON.stringify([...items, ...pods.items].map(versionOf)),
      }
    })
  } finally {
    await client.close()
  }
}

const versionOf = ({ metadata }: KubeObject) => [metadata.uid, metadata.resourceVersion]

/**
 * A busy machine is slow, and no fixed time is long enough for it: waits while anything changes between two looks. Throws
 * when nothing did for `stillMsMax`.
 */
export async function waitWhileItMoves(
  stillMsMax: number,
  look: () => Promise<{ missing: string | undefined; progress: string }>,
  timing: { now: () => number; delay: (ms: number) => Promise<unknown> } = {
    now: () => performance.now(),
    delay,
  },
): Promise<void> {
  let last = ''
  let movedAt = timing.now()
  for (;;) {
    const { missing, progress } = await look()
    if (missing === undefined) return
    // How long a look takes says how busy the machine is, not that nothing moves: time counts from the end of one.
    const at = timing.now()
    if (progress !== last) [last, movedAt] = [progress, at]
    else if (at - movedAt > stillMsMax) {
      throw new Error(
        `${missing} did not come up in the demo cluster: nothing moved there for ${Math.round(stillMsMax / 1000)} s.`,
      )
    }
    await timing.delay(50)
  }
}

const providersWithinMs = 120_000

/** The webhook refuses a deployment whose provider has not registered yet: give it a moment. */
async function createOnceProvidersAre(
  client: KubeClient,
  path: string,
  body: KubeObject,
): Promise<void> {
  const deadline = Date.now() + providersWithinMs
  for (;;) {
    const response = await client.raw('POST', path, { body })
    if (response.status < 400) return
    if (response.status !== 403 || Date.now() > deadline) throw new Error(response.body.message)
    await delay(25)
  }
}

function toObject({ crdGroup }: Cluster, { namespace, name, spec }: WorldDeployment): KubeObject {
  return {
    apiVersion: `${crdGroup}/v1alpha1`,
    kind: 'ModelDeployment',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'airunway' } },
    spec,
  }
}
