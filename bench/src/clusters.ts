import { createKubeClient, type Cluster } from '@hub/demo'

export const deploymentsPath = (namespace: string) =>
  `/apis/airunway.ai/v1alpha1/namespaces/${namespace}/modeldeployments`

/** Creates namespaces and `count` ModelDeployments spread evenly over them. */
export async function fill(
  cluster: Cluster,
  namespaces: readonly string[],
  count: number,
): Promise<void> {
  const client = createKubeClient(cluster.kubeconfig('client-certificate'))
  for (const name of namespaces) {
    await client
      .request('POST', '/api/v1/namespaces', {
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      })
      .catch(() => undefined)
  }
  const indexes = Array.from({ length: count }, (_, index) => index)
  for (let start = 0; start < count; start += 16) {
    await Promise.all(
      indexes.slice(start, start + 16).map((index) => {
        const namespace = namespaces[index % namespaces.length]!
        return client.request('POST', deploymentsPath(namespace), {
          body: manifest(namespace, `model-${index}`),
        })
      }),
    )
  }
  await client.close()
}

export function manifest(namespace: string, name: string) {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name, namespace },
    spec: {
      model: { id: 'meta-llama/Llama-3.1-8B-Instruct' },
      engine: { type: 'vllm' },
      resources: { gpu: { count: 1 } },
    },
  }
}
