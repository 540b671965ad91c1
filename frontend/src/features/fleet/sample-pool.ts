import type { MapPool } from '@hub/shared'

/** For tests: two of eight are held by a deployment that is seen, and one by something else. */
export const samplePool: MapPool = {
  product: 'NVIDIA-L40S',
  resource: 'nvidia.com/gpu',
  total: 8,
  free: 3,
  reserved: 1,
  unavailable: 1,
  holders: [{ namespace: 'a', name: 'llama', count: 2 }],
  others: 1,
}
