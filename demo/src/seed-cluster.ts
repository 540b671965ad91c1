import { setTimeout as delay } from 'node:timers/promises'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { KubeObject } from './objects.ts'
import type { WorldDeployment } from './world-clusters.ts'

const atOnce = 16

/** Creates deployments and their namespaces, and with a time given waits until they run. */
export async function seedCluster(
  cluster: Cluster,
  deployments: readonly WorldDeployment[],
  runningWithinMs: number | null,
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
    if (runningWithinMs === null) return
    const deadline = Date.now() + runningWithinMs
    for (const each of deployments.filter(({ isStuck }) => !isStuck)) {
      const path = `${collection(each)}/${each.name}`
      while ((await client.request('GET', path)).status?.phase !== 'Running') {
        if (Date.now() > deadline) throw new Error(`${path} did not come up in the demo cluster.`)
        await delay(25)
      }
    }
  } finally {
    await client.close()
  }
}

const providersWithinMs = 20_000

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
