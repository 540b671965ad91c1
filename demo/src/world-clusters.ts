import type { CrdGroup } from './crd-group.ts'
import { demoNodes } from './controller/nodes.ts'
import type { NodeSpec } from './controller/nodes.ts'

export type WorldCluster = {
  readonly name: string
  readonly crdGroup: CrdGroup
  readonly nodes: readonly NodeSpec[]
  /** The runtimes that are installed. Default: all. */
  readonly providers?: readonly string[]
  readonly deployments: readonly WorldDeployment[]
}

export type WorldDeployment = {
  readonly namespace: string
  readonly name: string
  readonly spec: object
  /** Asks for more than the cluster has, so that it is never running. */
  readonly isStuck?: boolean
}

const west = { region: 'demo-west' }
const legacy = { region: 'demo-legacy' }
const l40s = { ...west, gpus: 4, gpuProduct: 'NVIDIA-L40S', gpuMemoryMiB: 46068, pool: 'l40s' }
const t4Taint = { key: 'sku', value: 't4', effect: 'NoSchedule' } as const
const t4 = {
  ...west,
  gpus: 4,
  gpuProduct: 'Tesla-T4',
  gpuMemoryMiB: 15360,
  pool: 't4',
  taints: [t4Taint],
}
const a100 = {
  ...legacy,
  gpus: 8,
  gpuProduct: 'NVIDIA-A100-SXM4-40GB',
  gpuMemoryMiB: 40960,
  pool: 'a100',
}

/** The clusters that answer; a fourth, demo-lost, is a credential alone. */
export const worldClusters: readonly WorldCluster[] = [
  {
    name: 'demo-east',
    crdGroup: 'airunway.ai',
    nodes: demoNodes,
    deployments: [
      {
        namespace: 'ml-team',
        name: 'llama-3-1-8b',
        spec: {
          model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: 'llama-3.1-8b' },
          provider: { name: 'vllm' },
          engine: { type: 'vllm', contextLength: 16384 },
          scaling: { replicas: 2 },
          resources: { gpu: { count: 1 }, memory: '32Gi' },
        },
      },
      {
        namespace: 'data-science',
        name: 'qwen-2-5-coder-32b',
        spec: {
          model: { id: 'Qwen/Qwen2.5-Coder-32B-Instruct' },
          provider: { name: 'dynamo' },
          engine: { type: 'sglang' },
          resources: { gpu: { count: 2 }, memory: '96Gi' },
        },
      },
      {
        namespace: 'data-science',
        name: 'phi-4-mini',
        spec: {
          model: { id: 'microsoft/Phi-4-mini-instruct' },
          provider: { name: 'kaito' },
          engine: { type: 'llamacpp' },
          image: 'ghcr.io/kaito-project/aikit/phi4:mini',
          resources: { cpu: '8', memory: '16Gi' },
        },
      },
    ],
  },
  {
    name: 'demo-west',
    crdGroup: 'airunway.ai',
    nodes: [
      { ...l40s, name: 'gpu-l40s-1' },
      { ...l40s, name: 'gpu-l40s-2' },
      { ...t4, name: 'gpu-t4-1' },
      { ...t4, name: 'gpu-t4-2' },
      { ...west, name: 'cpu-1', gpus: 0, gpuProduct: '', gpuMemoryMiB: 0, pool: 'cpu' },
    ],
    deployments: [
      {
        namespace: 'ml-team',
        name: 'mistral-7b',
        spec: {
          model: { id: 'mistralai/Mistral-7B-Instruct-v0.3' },
          provider: { name: 'llmd' },
          engine: { type: 'vllm' },
          scaling: { replicas: 2 },
          resources: { gpu: { count: 1 }, memory: '32Gi' },
          nodeSelector: { agentpool: 'l40s' },
        },
      },
      {
        namespace: 'speech',
        name: 'whisper-large-v3',
        spec: {
          model: { id: 'openai/whisper-large-v3' },
          provider: { name: 'vllm' },
          engine: { type: 'vllm', enforceEager: true },
          resources: { gpu: { count: 1 }, memory: '12Gi' },
          nodeSelector: { agentpool: 't4' },
          tolerations: [{ ...t4Taint, operator: 'Equal' }],
        },
      },
      {
        namespace: 'research',
        name: 'llama-3-3-70b',
        isStuck: true,
        spec: {
          model: { id: 'meta-llama/Llama-3.3-70B-Instruct' },
          provider: { name: 'vllm' },
          engine: { type: 'vllm' },
          resources: { gpu: { count: 8 }, memory: '256Gi' },
        },
      },
    ],
  },
  {
    name: 'demo-legacy',
    crdGroup: 'kubeairunway.ai',
    nodes: [
      { ...a100, name: 'gpu-a100-1' },
      { ...a100, name: 'gpu-a100-2' },
    ],
    providers: ['kaito', 'dynamo', 'kuberay'],
    deployments: [
      {
        namespace: 'ml-team',
        name: 'gemma-2-27b',
        spec: {
          model: { id: 'google/gemma-2-27b-it' },
          provider: { name: 'kuberay' },
          engine: { type: 'vllm' },
          resources: { gpu: { count: 2 }, memory: '64Gi' },
        },
      },
      {
        namespace: 'data-science',
        name: 'deepseek-r1-distill-8b',
        spec: {
          model: { id: 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B' },
          provider: { name: 'dynamo' },
          engine: { type: 'sglang' },
          resources: { gpu: { count: 1 }, memory: '32Gi' },
        },
      },
    ],
  },
]
