import { withPrefixOf } from '../crd-group.ts'
import type { CrdGroup } from '../crd-group.ts'
import type { KubeObject, Untyped } from '../objects.ts'

/** What the demo's controller knows about a runtime of AI Runway. */
export type Provider = {
  name: string
  displayName: string
  description: string
  version: string
  engines: {
    name: string
    servingModes: string[]
    gpuSupport: boolean
    cpuSupport: boolean
    requiresCRD?: boolean
    apiFormats: string[]
  }[]
  rules: { condition: string; priority: number; matches: (spec: Untyped) => boolean }[]
  resourceKind: string
  /** As in "Workspace created, pods are ready". */
  createdMessage: string
  /** Ready replicas count only once all are ready. */
  countsAllOrNothing: boolean
  container: { name: string; port: number; image: string }
  /** What the deployment's podTemplate says reaches its pods, not the runtime's own object alone. */
  passesPodTemplate?: true
  toEndpoint: (name: string) => { service: string; port: number }
  toPodLabels: (name: string, hash: string) => Record<string, string>
}

const gpuCount = (spec: Untyped): number => spec.resources?.gpu?.count ?? 0
const isDisaggregated = (spec: Untyped): boolean => spec.serving?.mode === 'disaggregated'
const both = ['aggregated', 'disaggregated']
const vllmFormats = ['openai-chat', 'anthropic-messages', 'openai-responses']

const deploymentLabels: Provider['toPodLabels'] = (name, hash) => ({
  'airunway.ai/deployment': name,
  app: name,
  'pod-template-hash': hash,
})

export const providers: readonly Provider[] = [
  {
    name: 'kaito',
    displayName: 'KAITO',
    description: 'Kubernetes AI Toolchain Operator',
    version: 'kaito-provider:v0.7.0',
    engines: [
      {
        name: 'vllm',
        servingModes: ['aggregated'],
        gpuSupport: true,
        cpuSupport: false,
        apiFormats: vllmFormats,
      },
      {
        name: 'llamacpp',
        servingModes: ['aggregated'],
        gpuSupport: true,
        cpuSupport: true,
        apiFormats: ['openai-chat'],
      },
    ],
    rules: [
      {
        condition: '!has(spec.resources.gpu) || spec.resources.gpu.count == 0',
        priority: 100,
        matches: (spec) => gpuCount(spec) === 0 && !isDisaggregated(spec),
      },
      {
        condition: 'spec.engine.type == "llamacpp"',
        priority: 100,
        matches: (spec) => spec.engine?.type === 'llamacpp',
      },
    ],
    resourceKind: 'Workspace',
    createdMessage: 'Workspace created',
    countsAllOrNothing: true,
    container: { name: 'model', port: 5000, image: 'mcr.microsoft.com/aks/kaito/kaito-base:0.1.0' },
    toEndpoint: (name) => ({ service: name, port: 80 }),
    toPodLabels: (name) => ({ 'kaito.sh/workspace': name, 'airunway.ai/model-deployment': name }),
  },
  {
    name: 'dynamo',
    displayName: 'NVIDIA Dynamo',
    description: 'Distributed inference with prefill and decode workers',
    version: 'dynamo-provider:v0.7.0',
    engines: [
      {
        name: 'vllm',
        servingModes: both,
        gpuSupport: true,
        cpuSupport: false,
        apiFormats: vllmFormats,
      },
      {
        name: 'sglang',
        servingModes: both,
        gpuSupport: true,
        cpuSupport: false,
        apiFormats: ['openai-chat', 'anthropic-messages'],
      },
      {
        name: 'trtllm',
        servingModes: ['aggregated'],
        gpuSupport: true,
        cpuSupport: false,
        apiFormats: ['openai-chat', 'openai-responses'],
      },
    ],
    rules: [
      {
        condition: 'spec.engine.type == "trtllm"',
        priority: 100,
        matches: (spec) => spec.engine?.type === 'trtllm',
      },
      {
        condition: 'spec.engine.type == "sglang"',
        priority: 100,
        matches: (spec) => spec.engine?.type === 'sglang',
      },
      { condition: 'spec.serving.mode == "disaggregated"', priority: 90, matches: isDisaggregated },
      {
        condition: 'spec.resources.gpu.count > 0 && spec.engine.type == "vllm"',
        priority: 50,
        matches: (spec) => gpuCount(spec) > 0 && spec.engine?.type === 'vllm',
      },
    ],
    resourceKind: 'DynamoGraphDeployment',
    createdMessage: 'DynamoGraphDeployment created',
    countsAllOrNothing: false,
    container: { name: 'main', port: 8000, image: 'nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.1.1' },
    toEndpoint: (name) => ({ service: `${name}-frontend`, port: 8000 }),
    toPodLabels: (name) => ({
      'nvidia.com/dynamo-graph-deployment-name': name,
      'app.kubernetes.io/instance': name,
    }),
  },
  {
    name: 'kuberay',
    displayName: 'KubeRay',
    description: 'Ray Serve on Kubernetes',
    version: 'kuberay-provider:v0.7.0',
    engines: [
      {
        name: 'vllm',
        servingModes: both,
        gpuSupport: true,
        cpuSupport: false,
        apiFormats: vllmFormats,
      },
    ],
    rules: [
      {
        condition: 'spec.resources.gpu.count > 1 && spec.engine.type == "vllm"',
        priority: 80,
        matches: (spec) => gpuCount(spec) > 1 && spec.engine?.type === 'vllm',
      },
    ],
    resourceKind: 'RayService',
    createdMessage: 'RayService created',
    countsAllOrNothing: true,
    container: { name: 'ray-worker', port: 8000, image: 'rayproject/ray-llm:2.46.0-py311-cu124' },
    toEndpoint: (name) => ({ service: `${name}-serve-svc`, port: 8000 }),
    toPodLabels: (name, hash) => ({
      'airunway.ai/model-deployment': name,
      'ray.io/cluster': `${name}-raycluster-${hash.slice(0, 5)}`,
    }),
  },
  {
    name: 'llmd',
    displayName: 'llm-d',
    description: 'Kubernetes-native distributed inference with vLLM',
    version: 'llmd-provider:v0.7.0',
    engines: [
      {
        name: 'vllm',
        servingModes: both,
        gpuSupport: true,
        cpuSupport: false,
        requiresCRD: false,
        apiFormats: vllmFormats,
      },
    ],
    rules: [],
    resourceKind: 'Deployment',
    createdMessage: 'Deployments created',
    countsAllOrNothing: false,
    container: { name: 'vllm', port: 8000, image: 'ghcr.io/llm-d/llm-d-cuda:v0.4.0' },
    passesPodTemplate: true,
    toEndpoint: (name) => ({ service: name, port: 8000 }),
    toPodLabels: deploymentLabels,
  },
  {
    name: 'vllm',
    displayName: 'vLLM',
    description: 'vLLM as plain Deployments',
    version: 'vllm-provider:v0.7.0',
    engines: [
      {
        name: 'vllm',
        servingModes: ['aggregated'],
        gpuSupport: true,
        cpuSupport: false,
        requiresCRD: false,
        apiFormats: vllmFormats,
      },
    ],
    rules: [],
    resourceKind: 'Deployment',
    createdMessage: 'Deployments created',
    countsAllOrNothing: false,
    container: { name: 'vllm', port: 8000, image: 'vllm/vllm-openai:v0.11.0' },
    passesPodTemplate: true,
    toEndpoint: (name) => ({ service: name, port: 8000 }),
    toPodLabels: deploymentLabels,
  },
]

/** A runtime's registration, in the shape that the group's time had. */
export function toProviderConfig(provider: Provider, group: CrdGroup): KubeObject {
  const { name, displayName, description, engines, rules } = provider
  const isFlat = group === 'kubeairunway.ai'
  const annotations = {
    'airunway.ai/display-name': displayName,
    'airunway.ai/description': description,
    'airunway.ai/default-namespace': 'default',
  }
  const flatCapabilities = {
    engines: engines.map((engine) => engine.name),
    servingModes: [...new Set(engines.flatMap((engine) => engine.servingModes))],
    gpuSupport: engines.some((engine) => engine.gpuSupport),
    cpuSupport: engines.some((engine) => engine.cpuSupport),
  }
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: 'InferenceProviderConfig',
    metadata: { name, annotations: withPrefixOf(group, annotations) },
    spec: {
      capabilities: isFlat ? flatCapabilities : { engines },
      ...(rules.length > 0 && {
        selectionRules: rules.map(({ condition, priority }) => ({ condition, priority })),
      }),
      ...(isFlat && {
        installation: { description, defaultNamespace: 'default' },
        documentation: `https://github.com/kaito-project/kubeairunway/blob/main/docs/providers.md#${name}`,
      }),
    },
  }
}
