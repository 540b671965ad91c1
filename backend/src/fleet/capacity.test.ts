import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#kube'
import { computeCapacity } from './capacity.ts'
import { readNode } from './read-node.ts'
import { readClaim, readSlice } from './devices.ts'
import { isAccelerator } from './extended-resources.ts'
import { readRequests } from './pod-requests.ts'

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

  it('H50: what the pod as a whole asks for counts', () => {
    const resources = { requests: { 'nvidia.com/gpu': '4' } }
    expect(readRequests({ spec: { resources, containers: [gpu(1)] } })['nvidia.com/gpu']).toBe(4)
    expect(readRequests({ spec: { resources, containers: [gpu(5)] } })['nvidia.com/gpu']).toBe(5)
  })

  it('H50: a pod that is deleted and still runs holds what it held', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    const running = { metadata, spec: { containers: [gpu(2)] }, status: { phase: 'Running' } }
    expect(readRequests(running)['nvidia.com/gpu']).toBe(2)
  })

  it('H50: a pod that is resized holds the most of what is asked, allotted and in force', () => {
    const resized = (status: object) =>
      readRequests({
        spec: {
          containers: [{ name: 'a', ...gpu(1) }],
          initContainers: [{ name: 's', ...gpu(1, sidecar) }],
        },
        status,
      })['nvidia.com/gpu']
    const inForce = { resources: { requests: { 'nvidia.com/gpu': '3' } } }
    expect(resized({ containerStatuses: [{ name: 'a', ...inForce }] })).toBe(4)
    expect(
      resized({
        containerStatuses: [{ name: 'a', allocatedResources: { 'nvidia.com/gpu': '2' } }],
      }),
    ).toBe(3)
    expect(resized({ initContainerStatuses: [{ name: 's', ...inForce }] })).toBe(4)
    expect(resized({ containerStatuses: [{ name: 'b', ...inForce }] })).toBe(2)
  })

  it('takes extended resources alone', () => {
    const resources = { requests: { memory: '1Gi', 'example.com/thing': '1', 'amd.com/gpu': '1' } }
    expect(readRequests({ spec: { containers: [{ resources }] } })).toEqual({
      'example.com/thing': 1,
      'amd.com/gpu': 1,
    })
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
          isClaimed: false,
          reserved: 0,
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
          isClaimed: false,
          reserved: 0,
          unavailable: 0,
          requested: 4,
          free: 0,
          largestFreeBlock: 0,
        },
      ],
      resources: [],
      reason: null,
    })
  })

  it('counts a node that is not ready as unavailable, with what runs there', () => {
    const { gpus, nodes } = compute(
      [
        node('a', { 'nvidia.com/gpu': 8 }, { ready: 'Unknown' }),
        node('b', { 'nvidia.com/gpu': 8 }),
      ],
      [pod('a', 8), pod('b', 2)],
    )
    expect(nodes).toEqual({ total: 2, ready: 1, cordoned: 0 })
    expect(gpus).toMatchObject([
      { nodes: 2, allocatable: 8, unavailable: 8, requested: 2, free: 6, largestFreeBlock: 6 },
    ])
  })

  it.each([
    ['cordoned', { unschedulable: true }],
    [
      'cordoned by its taint',
      { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
    ],
  ])('H50: what runs on a node that is %s is in use, and nothing there is free', (_, state) => {
    const { gpus, nodes } = compute(
      [node('a', { 'nvidia.com/gpu': 8 }, state), node('b', { 'nvidia.com/gpu': 8 })],
      [pod('a', 3), pod('b', 2)],
    )
    expect(nodes).toEqual({ total: 2, ready: 2, cordoned: 1 })
    expect(gpus).toMatchObject([
      { allocatable: 11, unavailable: 5, requested: 5, free: 6, largestFreeBlock: 6, reserved: 0 },
    ])
  })

  it('H50: what a device plugin took back from under a pod is in use, not free', () => {
    const { gpus } = compute(
      [node('a', { 'nvidia.com/gpu': 5 }, { capacity: { 'nvidia.com/gpu': '8' } })],
      [pod('a', 7)],
    )
    expect(gpus).toMatchObject([{ allocatable: 7, requested: 7, free: 0, unavailable: 1 }])
  })

  const dedicated = { key: 'dedicated', value: 'one-team', effect: 'NoSchedule' }
  it.each<[string, object[], object]>([
    ["a team's taint", [dedicated], { free: 8, reserved: 7, allocatable: 9 }],
    ['NoExecute', [{ key: 'x', effect: 'NoExecute' }], { free: 8, reserved: 7, allocatable: 9 }],
    ['sku=gpu', [{ key: 'sku', value: 'gpu', effect: 'NoSchedule' }], { free: 8, reserved: 7 }],
    ['PreferNoSchedule', [{ key: 'x', effect: 'PreferNoSchedule' }], { free: 15, reserved: 0 }],
    [
      "the resource's own name",
      [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
      { free: 15, reserved: 0, largestFreeBlock: 8 },
    ],
    [
      "the resource's own name, which drives pods away",
      [{ key: 'nvidia.com/gpu', effect: 'NoExecute' }],
      { free: 8, reserved: 7 },
    ],
    [
      "another resource's name",
      [{ key: 'amd.com/gpu', effect: 'NoSchedule' }],
      { free: 8, reserved: 7 },
    ],
    [
      'its own name and another',
      [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }, dedicated],
      { free: 8, reserved: 7 },
    ],
    [
      'a disk that is full',
      [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }],
      { free: 8, reserved: 0, unavailable: 7 },
    ],
  ])('H50: %s on a node', (_, taints, expected) => {
    const { gpus } = compute(
      [node('a', { 'nvidia.com/gpu': 8 }, { taints }), node('b', { 'nvidia.com/gpu': 8 })],
      [pod('a', 1)],
    )
    expect(gpus).toMatchObject([{ requested: 1, ...expected }])
    const { allocatable, reserved, unavailable } = gpus![0]!
    expect(allocatable + reserved + unavailable).toBe(16)
  })

  it('H50: what is reserved is known where pods are not', () => {
    const { gpus } = computeCapacity({
      nodes: [readNode(node('a', { 'nvidia.com/gpu': 8 }, { taints: [dedicated] }))!],
      pods: null,
      slices: [],
      claims: null,
      reasons: ['Pods may not be listed.'],
      deviceReasons: [],
    })
    expect(gpus).toMatchObject([{ allocatable: 0, reserved: 8, free: null }])
  })

  it('H50: shows resources of unknown names under these, each with what it is', () => {
    const asks = (resource: string, count: string) => ({
      spec: { nodeName: 'a', containers: [{ resources: { limits: { [resource]: count } } }] },
    })
    const { gpus, resources } = compute(
      [
        node('a', {
          cpu: 64,
          'hugepages-2Mi': 4,
          'kubernetes.io/thing': 1,
          'nvidia.com/gpu-small': 4,
          'nvidia.com/mig-3g.20gb': 2,
          'example.com/npu': 2,
          'rdma/hca': 100,
          'aliyun.com/gpu-mem': 40,
        }),
      ],
      [asks('nvidia.com/gpu-small', '1'), asks('rdma/hca', '30')],
    )
    expect(
      gpus!.map(({ free, memoryMiB, product, resource }) => [product, resource, memoryMiB, free]),
    ).toEqual([
      ['H100-MIG-3g.20gb', 'nvidia.com/mig-3g.20gb', null, 2],
      ['example.com/npu', 'example.com/npu', null, 2],
      ['nvidia.com/gpu-small', 'nvidia.com/gpu-small', null, 3],
    ])
    expect(resources).toMatchObject([
      { resource: 'aliyun.com/gpu-mem', free: 40 },
      { resource: 'rdma/hca', requested: 30, free: 70 },
    ])
  })

  it.each([
    ['192G', 196608],
    ['192Gi', 196608],
    ['16384M', 16384],
    ['nonsense', null],
  ])("H50: AMD's labeller means powers of 1024 by %s", (vram, memoryMiB) => {
    const labels = { 'amd.com/gpu.product-name': 'MI300X', 'amd.com/gpu.vram': vram }
    const bare = {
      metadata: { name: 'a', labels },
      status: { allocatable: { 'amd.com/gpu': '8' } },
    }
    expect(compute([bare], []).gpus).toMatchObject([{ memoryMiB }])
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
      deviceReasons: [],
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
        deviceReasons: ['Claims may not be listed.'],
      }),
    ).toEqual({
      nodes: null,
      gpus: null,
      resources: null,
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
      deviceReasons: ['Claims may not be listed.'],
    })
    expect(gpus).toEqual([
      {
        product: 'H200',
        resource: 'gpu.nvidia.com',
        memoryMiB: 144384,
        nodes: 2,
        allocatable: 1,
        isClaimed: true,
        reserved: 0,
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
      // Held twice, as consumable devices may be; of an older generation; on a cordoned node.
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
      deviceReasons: [],
    })
    expect(gpus).toMatchObject([
      { allocatable: 7, unavailable: 0, requested: 4, free: 3, largestFreeBlock: 2 },
    ])
    expect(reason).toBeNull()
  })

  it('H50: the slice of a node that is gone counts nothing, and one behind a taint is reserved', () => {
    const taints = [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }]
    const facts = {
      nodes: [readNode(node('a', {}))!, readNode(node('tainted', {}, { taints }))!],
      pods: [],
      claims: [],
      reasons: [],
      deviceReasons: [],
    }
    const here = slice(1, 'a', [device({ name: 'gpu-0' })])
    const gone = slice(1, 'gone', [device({ name: 'gpu-0' })])
    const tainted = slice(1, 'tainted', [device({ name: 'gpu-0' })])
    expect(computeCapacity({ ...facts, slices: [here, gone, tainted] }).gpus).toMatchObject([
      { resource: 'gpu.nvidia.com', isClaimed: true, nodes: 2, free: 1, reserved: 1 },
    ])
    expect(computeCapacity({ ...facts, slices: [gone] }).gpus).toEqual([])
  })

  it('H50: says of slices and claims that they may be old, where there are devices', () => {
    const facts = {
      nodes: [readNode(node('a', {}))!],
      pods: [],
      claims: [],
      reasons: [],
      deviceReasons: ['The resource claims are in their last known state.'],
    }
    const slices = [slice(1, 'a', [device()])]
    expect(computeCapacity({ ...facts, slices }).reason).toBe(facts.deviceReasons[0])
    expect(computeCapacity({ ...facts, slices: [] }).reason).toBeNull()
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
      deviceReasons: [],
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
    deviceReasons: ['Claims may not be listed.'],
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
    taints?: object[]
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
    spec: {
      ...(options.unschedulable && { unschedulable: true }),
      ...(options.taints && { taints: options.taints }),
    },
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
