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
const gpuCounts = [1, 2, 1, 4, 1, 8, 2, 4]
const gpuShare = 0.75

/**
 * The same deployments every time: the n-th lies on the cluster and in the namespace that n gives. Most run without a GPU.
 */
export function generateDeployments(
  count: number,
  clusters: readonly string[],
  gpus = 0,
): Map<string, WorldDeployment[]> {
  const generated = new Map<string, WorldDeployment[]>(clusters.map((name) => [name, []]))
  const spread = spreadGpus(count, gpus)
  for (let n = 0; n < count; n++) {
    const ofCluster = Math.floor(n / clusters.length)
    const namespace = namespaces[ofCluster % namespaces.length]!
    generated.get(clusters[n % clusters.length]!)!.push(toDeployment(n, namespace, spread(n)))
  }
  return generated
}

/** How many GPUs the n-th asks for: together about three quarters of those that there are besides the seeded nodes' own. */
function spreadGpus(count: number, gpus: number): (n: number) => number {
  if (gpus === 0) return (n) => (n % gpuEvery === 0 ? 1 : 0)
  const average = gpuCounts.reduce((sum, each) => sum + each, 0) / gpuCounts.length
  const every = Math.max(1, Math.ceil((count * average) / (gpus * gpuShare)))
  return (n) => (n % every === 0 ? gpuCounts[(n / every) % gpuCounts.length]! : 0)
}

function toDeployment(n: number, namespace: string, gpus: number): WorldDeployment {
  const hasGpu = gpus > 0
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
          resources: { gpu: { count: gpus }, memory: '24Gi' },
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
