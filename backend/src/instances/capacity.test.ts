import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#kube'
import {
  computeCapacity,
  isAccelerator,
  readNode,
  readClaim,
  readRequests,
  readSlice,
} from './capacity.ts'

describe('readRequests', () => {
  const gpu = (count: number | string, more: object = {}) => ({
    resources: { requests: { cpu: '2', 'nvidia.com/gpu': count } },
    ...more,
  })
  const sidecar = { restartPolicy: 'Always' }
  it.each<[string, object, number | undefined]>([
    ['containers add up', { containers: [gpu('2'), gpu('1')] }, 3],
    [
      'a limit counts where no request is',
      { containers: [{ resources: { limits: { 'nvidia.com/gpu': '4' } } }] },
      4,
    ],
    [
      'a request wins over its limit',
      {
        containers: [
          { resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '2' } } },
        ],
      },
      1,
    ],
    [
      'init containers run one after another',
      { initContainers: [gpu(3), gpu(5)], containers: [gpu(4)] },
      5,
    ],
    [
      'and cost nothing below the containers',
      { initContainers: [gpu(3)], containers: [gpu(4)] },
      4,
    ],
    ['sidecars stay', { initContainers: [gpu(1, sidecar)], containers: [gpu(4)] }, 5],
    [
      'an init container runs beside the sidecars before it',
      { initContainers: [gpu(2, sidecar), gpu(4)], containers: [gpu(1)] },
      6,
    ],
    [
      'not beside those after it',
      { initContainers: [gpu(4), gpu(2, sidecar)], containers: [gpu(1)] },
      4,
    ],
    ['overhead is added', { containers: [gpu(1)], overhead: { 'nvidia.com/gpu': '1' } }, 2],
    ['quantities may have suffixes', { containers: [gpu('2000m'), gpu('1k')] }, 1002],
    [
      'nonsense holds nothing',
      { containers: [gpu('many'), null, 7, { resources: [] }] },
      undefined,
    ],
    ['no spec holds nothing', {}, undefined],
  ])('%s', (_, spec, expected) => {
    expect(readRequests({ spec })['nvidia.com/gpu']).toBe(expected)
  })

  it.each([
    ['Running', 1],
    ['Pending', 1],
    ['Unknown', 1],
    ['Succeeded', undefined],
    ['Failed', undefined],
  ])('a pod that is %s holds %s', (phase, expected) => {
    expect(
      readRequests({ spec: { containers: [gpu(1)] }, status: { phase } })['nvidia.com/gpu'],
    ).toBe(expected)
  })

  it('takes accelerators alone', () => {
    const resources = { requests: { memory: '1Gi', 'example.com/thing': '1', 'amd.com/gpu': '1' } }
    expect(readRequests({ spec: { containers: [{ resources }] } })).toEqual({ 'amd.com/gpu': 1 })
  })
})

describe('isAccelerator', () => {
  it.each([
    'nvidia.com/gpu',
    'nvidia.com/gpu.shared',
    'nvidia.com/mig-1g.5gb',
    'amd.com/gpu',
    'gpu.intel.com/i915',
    'gpu.intel.com/xe',
    'habana.ai/gaudi',
    'google.com/tpu',
    'aws.amazon.com/neuron',
  ])('%s is one', (resource) => expect(isAccelerator(resource)).toBe(true))

  it.each([
    'cpu',
    'memory',
    'nvidia.com/gpu.memory',
    'nvidia.com/gpux',
    'gpu.intel.com/memory.max',
    'gpu.intel.com/millicores',
    'gpu.intel.com/i915_monitoring',
    'hugepages-2Mi',
    'evil.nvidia.com/gpu',
  ])('%s is none', (resource) => expect(isAccelerator(resource)).toBe(false))
})

describe('computeCapacity', () => {
  it('counts by product and resource, with the largest block on one node', () => {
    const capacity = compute(
      [
        node('a', { 'nvidia.com/gpu': 8 }),
        node('b', { 'nvidia.com/gpu': 8 }),
        node('c', { 'nvidia.com/gpu': 4 }, { product: 'T4' }),
      ],
      [pod('a', 5), pod('a', 1), pod('b', 3), pod('c', 4), pod(null, 8), pod('a', 9, 'Succeeded')],
    )
    expect(capacity).toEqual({
      nodes: { total: 3, ready: 3, cordoned: 0 },
      gpus: [
        {
          product: 'H100',
          resource: 'nvidia.com/gpu',
          memoryMiB: 81559,
          nodes: 2,
          allocatable: 16,
          unavailable: 0,
          requested: 9,
          free: 7,
          largestFreeBlock: 5,
        },
        {
          product: 'T4',
          resource: 'nvidia.com/gpu',
          memoryMiB: 81559,
          nodes: 1,
          allocatable: 4,
          unavailable: 0,
          requested: 4,
          free: 0,
          largestFreeBlock: 0,
        },
      ],
      reason: null,
    })
  })

  it.each([
    ['cordoned', { unschedulable: true }, { ready: 2, cordoned: 1 }],
    ['not ready', { ready: 'Unknown' }, { ready: 1, cordoned: 0 }],
  ])('counts a node that is %s as unavailable, with what runs there', (_, state, counts) => {
    const { gpus, nodes } = compute(
      [node('a', { 'nvidia.com/gpu': 8 }, state), node('b', { 'nvidia.com/gpu': 8 })],
      [pod('a', 8), pod('b', 2)],
    )
    expect(nodes).toEqual({ total: 2, ...counts })
    expect(gpus).toMatchObject([
      { nodes: 2, allocatable: 8, unavailable: 8, requested: 2, free: 6, largestFreeBlock: 6 },
    ])
  })

  it('counts devices that their plugin took back as unavailable', () => {
    const { gpus } = compute(
      [node('a', { 'nvidia.com/gpu': 6 }, { capacity: { 'nvidia.com/gpu': '8' } })],
      [],
    )
    expect(gpus).toMatchObject([{ allocatable: 6, unavailable: 2, free: 6 }])
  })

  it('never frees less than nothing', () => {
    const { gpus } = compute([node('a', { 'nvidia.com/gpu': 2 })], [pod('a', 5)])
    expect(gpus).toMatchObject([{ requested: 5, free: 0, largestFreeBlock: 0 }])
  })

  it('keeps whole, shared and sliced devices apart, each by its own labels', () => {
    const labels = {
      'nvidia.com/mig-1g.5gb.product': 'A100-MIG-1g.5gb',
      'nvidia.com/mig-1g.5gb.memory': '4864',
    }
    const { gpus } = compute(
      [
        node(
          'a',
          { 'nvidia.com/gpu': 0, 'nvidia.com/gpu.shared': 16, 'nvidia.com/mig-1g.5gb': 7 },
          { labels },
        ),
      ],
      [],
    )
    expect(
      gpus?.map(({ allocatable, memoryMiB, product, resource }) => [
        product,
        resource,
        memoryMiB,
        allocatable,
      ]),
    ).toEqual([
      ['A100-MIG-1g.5gb', 'nvidia.com/mig-1g.5gb', 4864, 7],
      ['H100', 'nvidia.com/gpu.shared', 81559, 16],
    ])
  })

  it.each([
    [
      'amd.com/gpu',
      { 'amd.com/gpu.product-name': 'MI300X', 'amd.com/gpu.vram': '192Gi' },
      'MI300X',
      196608,
    ],
    ['gpu.intel.com/i915', { 'gpu.intel.com/product': 'Max_1550' }, 'Max_1550', null],
    [
      'google.com/tpu',
      { 'cloud.google.com/gke-tpu-accelerator': 'tpu-v5p-slice' },
      'tpu-v5p-slice',
      null,
    ],
    ['nvidia.com/gpu', { 'cloud.google.com/gke-accelerator': 'nvidia-l4' }, 'nvidia-l4', null],
    ['habana.ai/gaudi', {}, 'habana.ai/gaudi', null],
  ])('names the product of %s from its labels', (resource, labels, product, memoryMiB) => {
    const bare = { metadata: { name: 'a', labels }, status: { allocatable: { [resource]: '1' } } }
    expect(compute([bare], []).gpus).toMatchObject([{ product, memoryMiB }])
  })

  it('says unknown where pods may not be listed, and nothing where nodes may not', () => {
    const noPods = computeCapacity({
      nodes: [readNode(node('a', { 'nvidia.com/gpu': 8 }))!],
      pods: null,
      slices: [],
      claims: [],
      reasons: ['Pods may not be listed.'],
      claimsReason: null,
    })
    expect(noPods).toMatchObject({
      gpus: [{ allocatable: 8, requested: null, free: null, largestFreeBlock: null }],
      reason: 'Pods may not be listed.',
    })
    expect(
      computeCapacity({
        nodes: null,
        pods: [],
        slices: [],
        claims: null,
        reasons: ['Nodes may not be listed.'],
        claimsReason: 'Claims may not be listed.',
      }),
    ).toEqual({
      nodes: null,
      gpus: null,
      reason: 'Nodes may not be listed.',
    })
  })

  it('counts the devices of the latest ResourceSlices, and says why claims are unknown', () => {
    const nodes = [node('a', {}), node('b', {}, { unschedulable: true })].map((each) =>
      readNode(each)!,
    )
    const { gpus, reason } = computeCapacity({
      nodes,
      pods: [],
      slices: [
        slice(1, 'a', [device(), device(), device()]),
        slice(2, 'a', [device(), device({ taints: [{ effect: 'NoSchedule' }] })]),
        slice(2, 'a', [device({ attributes: { type: { string: 'mig' } } })]),
        slice(1, 'b', [device()]),
        slice(1, 'a', [device()], 'net.example.com'),
      ],
      claims: null,
      reasons: [],
      claimsReason: 'Claims may not be listed.',
    })
    expect(gpus).toEqual([
      {
        product: 'H200',
        resource: 'gpu.nvidia.com',
        memoryMiB: 144384,
        nodes: 2,
        allocatable: 1,
        unavailable: 2,
        requested: null,
        free: null,
        largestFreeBlock: null,
      },
    ])
    expect(reason).toBe('Claims may not be listed.')
  })

  it('counts claimed devices as requested, and knows what is free then', () => {
    const nodes = [node('a', {}), node('b', {}), node('c', {}, { unschedulable: true })]
    const named = (...names: string[]) => names.map((name) => device({ name }))
    const claims = [
      claim(['a', 'gpu-0']),
      claim(['a', 'gpu-1'], ['b', 'gpu-0']),
      // Held twice, as consumable devices may be; of an older generation; on a node that counts as unavailable.
      claim(['a', 'gpu-0']),
      claim(['a', 'gone']),
      claim(['c', 'gpu-0']),
      // Another driver's device of the same name, and somebody who only looks.
      claim(['a', 'gpu-2', { driver: 'net.example.com' }]),
      claim(['a', 'gpu-3', { adminAccess: true }]),
      { status: {} },
      { status: { allocation: { devices: { results: 'nonsense' } } } },
      {},
    ].flatMap((object) => readClaim(object) ?? [])
    const { gpus, reason } = computeCapacity({
      nodes: nodes.map((each) => readNode(each)!),
      pods: [],
      slices: [
        slice(1, 'a', named('gpu-0', 'gpu-1', 'gpu-2')),
        slice(1, 'a', named('gpu-3')),
        slice(1, 'b', named('gpu-0', 'gpu-1')),
        slice(1, 'c', named('gpu-0')),
      ],
      claims,
      reasons: [],
      claimsReason: null,
    })
    expect(gpus).toMatchObject([
      { allocatable: 6, unavailable: 1, requested: 3, free: 3, largestFreeBlock: 2 },
    ])
    expect(reason).toBeNull()
  })

  it('takes a card for held when a part of it is', () => {
    const card = (name: string, uuid: string) =>
      device({ name, attributes: { uuid: { string: uuid }, type: { string: 'gpu' } } })
    const part = (name: string, parentUUID: string) => ({
      name,
      attributes: { type: { string: 'mig' }, parentUUID: { string: parentUUID } },
    })
    const { gpus } = computeCapacity({
      nodes: [readNode(node('a', {}))!],
      pods: [],
      slices: [
        slice(1, 'a', [card('gpu-0', 'GPU-x'), card('gpu-1', 'GPU-y')]),
        slice(1, 'a', [part('gpu-0-mig-1', 'GPU-x'), part('gpu-1-mig-1', 'GPU-y')]),
      ],
      claims: [readClaim(claim(['a', 'gpu-0-mig-1']))!],
      reasons: [],
      claimsReason: null,
    })
    expect(gpus).toMatchObject([{ allocatable: 2, requested: 1, free: 1, largestFreeBlock: 1 }])
  })

  it.each([{}, { metadata: {} }, { metadata: { name: 7 } }])(
    'skips a node without a name: %j',
    (object) => {
      expect(readNode(object as KubeObject)).toBeNull()
    },
  )
})

function compute(nodes: KubeObject[], pods: KubeObject[]) {
  return computeCapacity({
    nodes: nodes.map((each) => readNode(each)!),
    pods: pods.map((each) => ({
      node: (each.spec as { nodeName?: string }).nodeName ?? null,
      requests: readRequests(each),
    })),
    slices: [],
    claims: null,
    reasons: [],
    claimsReason: 'Claims may not be listed.',
  })
}

/** A ResourceSlice of GPUs on one node, which is its pool too. */
function slice(generation: number, nodeName: string, devices: object[], driver = 'gpu.nvidia.com') {
  return readSlice({ spec: { driver, nodeName, pool: { name: nodeName, generation }, devices } })!
}

function device(more: object = {}) {
  return {
    attributes: { 'gpu.nvidia.com/productName': { string: 'H200' }, type: { string: 'gpu' } },
    capacity: { memory: { value: '141Gi' } },
    ...more,
  }
}

function claim(...devices: [pool: string, device: string, more?: object][]) {
  const results = devices.map(([pool, name, more]) => ({
    request: 'gpu',
    driver: 'gpu.nvidia.com',
    pool,
    device: name,
    ...more,
  }))
  return { status: { allocation: { devices: { results } } } }
}

function node(
  name: string,
  resources: Record<string, number>,
  options: {
    product?: string
    unschedulable?: boolean
    ready?: string
    labels?: object
    capacity?: object
  } = {},
): KubeObject {
  const allocatable = Object.fromEntries(
    Object.entries(resources).map(([key, count]) => [key, String(count)]),
  )
  return {
    metadata: {
      name,
      labels: {
        'nvidia.com/gpu.product': options.product ?? 'H100',
        'nvidia.com/gpu.memory': '81559',
        ...options.labels,
      },
    },
    spec: { ...(options.unschedulable && { unschedulable: true }) },
    status: {
      capacity: options.capacity ?? allocatable,
      allocatable,
      conditions: [{ type: 'Ready', status: options.ready ?? 'True' }],
    },
  }
}

function pod(nodeName: string | null, count: number, phase = 'Running'): KubeObject {
  return {
    spec: {
      ...(nodeName !== null && { nodeName }),
      containers: [{ resources: { limits: { 'nvidia.com/gpu': String(count) } } }],
    },
    status: { phase },
  }
}
