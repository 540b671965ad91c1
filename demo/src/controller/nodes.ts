import { KubeError } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { Untyped } from '../objects.ts'
import { kubeTime } from './conditions.ts'

export type NodeSpec = {
  name: string
  /** Default: demo-east. */
  region?: string
  /** 0 for a node without any; then product and memory say nothing. */
  gpus: number
  gpuProduct: string
  gpuMemoryMiB: number
  /** The pool of equal nodes, a label to select by. */
  pool: string
  taints?: readonly { key: string; value?: string; effect: 'NoSchedule' | 'NoExecute' }[]
}

const h100 = {
  gpus: 8,
  gpuProduct: 'NVIDIA-H100-80GB-HBM3',
  gpuMemoryMiB: 81559,
  pool: 'h100',
}
const l40s = { gpus: 4, gpuProduct: 'NVIDIA-L40S', gpuMemoryMiB: 46068, pool: 'l40s' }

export const demoNodes: readonly NodeSpec[] = [
  { ...h100, name: 'gpu-h100-1' },
  { ...h100, name: 'gpu-h100-2' },
  { ...l40s, name: 'gpu-l40s-1' },
]

/** Creates the nodes that are missing and makes all of them Ready, as kubelets would. */
export async function ensureNodes(client: KubeClient, nodes: readonly NodeSpec[]): Promise<void> {
  for (const node of nodes) {
    const path = `/api/v1/nodes/${node.name}`
    const body = toNode(node)
    const status = { ...body.status, ...toReadiness() }
    await client
      .request('POST', '/api/v1/nodes', { body: { ...body, status } })
      .catch((error: unknown) => {
        if (!(error instanceof KubeError && error.status.reason === 'AlreadyExists')) throw error
      })
    const contentType = 'application/merge-patch+json'
    await client.request('PATCH', `${path}/status`, { contentType, body: { status } })
    // The node lifecycle controller lifts the not-ready taint; where there is none, nobody would.
    const taints = node.taints ?? null
    await client.request('PATCH', path, { contentType, body: { spec: { taints } } })
  }
}

/** A node as its kubelet registers it, before it says that it is ready. */
export function toNode(node: NodeSpec): Untyped {
  const { name, gpuProduct, gpuMemoryMiB, gpus, pool, region = 'demo-east', taints } = node
  const resources = {
    cpu: '96',
    memory: '1024Gi',
    'ephemeral-storage': '2Ti',
    pods: '110',
    ...(gpus > 0 && { 'nvidia.com/gpu': String(gpus) }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node.kubernetes.io/instance-type': gpus > 0 ? `demo-gpu-${gpus}` : 'demo-cpu',
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': `${region}-1`,
        agentpool: pool,
        ...(gpus > 0 && {
          'nvidia.com/gpu.present': 'true',
          'nvidia.com/gpu.product': gpuProduct,
          'nvidia.com/gpu.memory': String(gpuMemoryMiB),
          'nvidia.com/gpu.count': String(gpus),
        }),
      },
    },
    ...(taints && { spec: { taints } }),
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [{ type: 'Hostname', address: name }],
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: '6.8.0',
        kubeProxyVersion: '',
        kubeletVersion: 'v1.36.3',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Ubuntu 24.04 LTS',
        systemUUID: '',
      },
    },
  }
}

export function toReadiness(): object {
  const now = kubeTime()
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  })
  return {
    conditions: [
      condition(
        'MemoryPressure',
        'False',
        'KubeletHasSufficientMemory',
        'kubelet has sufficient memory available',
      ),
      condition(
        'DiskPressure',
        'False',
        'KubeletHasNoDiskPressure',
        'kubelet has no disk pressure',
      ),
      condition(
        'PIDPressure',
        'False',
        'KubeletHasSufficientPID',
        'kubelet has sufficient PID available',
      ),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
  }
}
