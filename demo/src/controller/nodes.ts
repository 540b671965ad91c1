import { KubeError } from '../client.ts'
import type { KubeClient } from '../client.ts'
import { kubeTime } from './conditions.ts'

export type NodeSpec = { name: string; gpus: number; gpuProduct: string; gpuMemoryMiB: number }

export const demoNodes: readonly NodeSpec[] = [
  { name: 'gpu-h100-1', gpus: 8, gpuProduct: 'NVIDIA-H100-80GB-HBM3', gpuMemoryMiB: 81559 },
  { name: 'gpu-h100-2', gpus: 8, gpuProduct: 'NVIDIA-H100-80GB-HBM3', gpuMemoryMiB: 81559 },
  { name: 'gpu-l40s-1', gpus: 4, gpuProduct: 'NVIDIA-L40S', gpuMemoryMiB: 46068 },
]

/** Creates the nodes that are missing and makes all of them Ready, as kubelets would. */
export async function ensureNodes(client: KubeClient, nodes: readonly NodeSpec[]): Promise<void> {
  for (const node of nodes) {
    const path = `/api/v1/nodes/${node.name}`
    await client
      .request('POST', '/api/v1/nodes', { body: toNode(node) })
      .catch((error: unknown) => {
        if (!(error instanceof KubeError && error.status.reason === 'AlreadyExists')) throw error
      })
    const contentType = 'application/merge-patch+json'
    await client.request('PATCH', `${path}/status`, {
      contentType,
      body: { status: toStatus(node) },
    })
    // The node lifecycle controller lifts the not-ready taint; where there is none, nobody would.
    await client.request('PATCH', path, { contentType, body: { spec: { taints: null } } })
  }
}

function toNode(node: NodeSpec): object {
  const { name, gpuProduct, gpuMemoryMiB, gpus } = node
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node.kubernetes.io/instance-type': `demo-gpu-${gpus}`,
        'topology.kubernetes.io/region': 'demo-east',
        'topology.kubernetes.io/zone': 'demo-east-1',
        agentpool: gpuProduct.toLowerCase().includes('h100') ? 'h100' : 'l40s',
        'nvidia.com/gpu.present': 'true',
        'nvidia.com/gpu.product': gpuProduct,
        'nvidia.com/gpu.memory': String(gpuMemoryMiB),
        'nvidia.com/gpu.count': String(gpus),
      },
    },
    status: toStatus(node),
  }
}

function toStatus({ name, gpus }: NodeSpec): object {
  const resources = {
    cpu: '96',
    memory: '1024Gi',
    'ephemeral-storage': '2Ti',
    pods: '110',
    'nvidia.com/gpu': String(gpus),
  }
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
    capacity: resources,
    allocatable: resources,
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
  }
}
