import type { WorldDeployment } from './world-clusters.ts'

const namespaces = ['ml-team', 'data-science', 'research', 'search', 'support', 'platform']
const smallModels = [
  'microsoft/Phi-4-mini-instruct',
  'Qwen/Qwen3-4B',
  'google/gemma-3-4b-it',
  'meta-llama/Llama-3.2-3B-Instruct',
  'HuggingFaceTB/SmolLM3-3B',
  'ibm-granite/granite-3.3-2b-instruct',
]
const gpuModels = ['Qwen/Qwen3-8B', 'mistralai/Mistral-Nemo-Instruct-2407']
/** Few enough GPUs that hundreds of deployments find room. */
const gpuEvery = 10

/**
 * The same deployments every time: the n-th lies on the cluster and in the namespace that n gives. Most run without a GPU.
 */
export function generateDeployments(
  count: number,
  clusters: readonly string[],
): Map<string, WorldDeployment[]> {
  const generated = new Map<string, WorldDeployment[]>(clusters.map((name) => [name, []]))
  for (let n = 0; n < count; n++) {
    const ofCluster = Math.floor(n / clusters.length)
    const namespace = namespaces[ofCluster % namespaces.length]!
    generated.get(clusters[n % clusters.length]!)!.push(toDeployment(n, namespace))
  }
  return generated
}

function toDeployment(n: number, namespace: string): WorldDeployment {
  const hasGpu = n % gpuEvery === 0
  const models = hasGpu ? gpuModels : smallModels
  const id = models[Math.floor(n / gpuEvery + n) % models.length]!
  const short = id.split('/')[1]!.toLowerCase().replaceAll('.', '-')
  return {
    namespace,
    name: `${short}-${String(n + 1).padStart(4, '0')}`,
    spec: hasGpu
      ? {
          model: { id },
          provider: { name: 'dynamo' },
          engine: { type: 'vllm' },
          resources: { gpu: { count: 1 }, memory: '24Gi' },
        }
      : {
          model: { id },
          provider: { name: 'kaito' },
          engine: { type: 'llamacpp' },
          image: 'ghcr.io/kaito-project/aikit/llama3.2:3b',
          resources: { cpu: '500m', memory: '3Gi' },
        },
  }
}
