import type { Capacity, GpuPool } from '@hub/shared'
import { clip, isRecord, type KubeObject } from '#kube'

/** What capacity needs of a Node. */
export type NodeFacts = {
  name: string
  isReady: boolean
  isCordoned: boolean
  accelerators: {
    resource: string
    product: string
    memoryMiB: number | null
    capacity: number
    allocatable: number
  }[]
}

/** What a pod holds on its node, by accelerator resource; nothing once it is finished. */
export type PodFacts = { node: string | null; requests: Record<string, number> }

/** The devices of one ResourceSlice of Dynamic Resource Allocation. */
export type SliceFacts = {
  driver: string
  pool: string
  generation: number
  node: string | null
  devices: {
    name: string
    uuid: string | null
    product: string
    memoryMiB: number | null
    isTainted: boolean
  }[]
  /** Parts of a device (MIG), with the uuid of the whole. */
  parts: { name: string; of: string }[]
}

/** The devices that a ResourceClaim holds. */
export type ClaimFacts = { devices: { driver: string; pool: string; device: string }[] }

/** Null is what may not be read; `reasons` say why in sentences. */
export type CapacityFacts = {
  nodes: readonly NodeFacts[] | null
  pods: readonly PodFacts[] | null
  slices: readonly SliceFacts[]
  claims: readonly ClaimFacts[] | null
  reasons: readonly string[]
  /** Why claims may not be read: it counts where there are devices to claim. */
  claimsReason: string | null
}

/** Counts the accelerators of a cluster by product and resource. */
export function computeCapacity(facts: CapacityFacts): Capacity {
  const { claims, nodes, pods, reasons, slices } = facts
  if (nodes === null) return { nodes: null, gpus: null, reason: join(reasons) }
  const usable = new Map(nodes.map((node) => [node.name, node.isReady && !node.isCordoned]))
  const requested = pods && sumRequests(pods)
  const pools = new Map<string, GpuPool & { nodeNames: Set<string> }>()
  const poolOf = (resource: string, product: string, isCounted: boolean) => {
    const key = `${product}\n${resource}`
    const pool = pools.get(key) ?? {
      product,
      resource,
      memoryMiB: null,
      nodes: 0,
      allocatable: 0,
      unavailable: 0,
      requested: isCounted ? 0 : null,
      free: isCounted ? 0 : null,
      largestFreeBlock: isCounted ? 0 : null,
      nodeNames: new Set<string>(),
    }
    pools.set(key, pool)
    return pool
  }
  for (const node of nodes) {
    for (const { allocatable, capacity, memoryMiB, product, resource } of node.accelerators) {
      const pool = poolOf(resource, product, requested !== null)
      pool.nodeNames.add(node.name)
      pool.memoryMiB ??= memoryMiB
      if (usable.get(node.name) !== true) {
        pool.unavailable += Math.max(capacity, allocatable)
        continue
      }
      pool.allocatable += allocatable
      pool.unavailable += Math.max(0, capacity - allocatable)
      if (requested === null) continue
      const held = requested.get(node.name)?.[resource] ?? 0
      const free = Math.max(0, allocatable - held)
      pool.requested! += held
      pool.free! += free
      pool.largestFreeBlock = Math.max(pool.largestFreeBlock!, free)
    }
  }
  const current = latestGenerations(slices).filter(({ driver }) => isAcceleratorDriver(driver))
  const isHeld = claims && findHeld(current, claims)
  const freeBlocks = new Map<string, number>()
  for (const slice of current) {
    const { driver, node } = slice
    for (const device of slice.devices) {
      const { isTainted, memoryMiB, product } = device
      const pool = poolOf(driver, product, isHeld !== null)
      if (node !== null) pool.nodeNames.add(node)
      pool.memoryMiB ??= memoryMiB
      if (isTainted || (node !== null && usable.get(node) === false)) {
        pool.unavailable += 1
        continue
      }
      pool.allocatable += 1
      if (isHeld === null) continue
      if (isHeld(slice, device)) {
        pool.requested! += 1
        continue
      }
      const block = JSON.stringify([driver, product, node ?? slice.pool])
      const blockSize = (freeBlocks.get(block) ?? 0) + 1
      freeBlocks.set(block, blockSize)
      pool.free! += 1
      pool.largestFreeBlock = Math.max(pool.largestFreeBlock!, blockSize)
    }
  }
  const isUnknown = current.length > 0 && claims === null && facts.claimsReason !== null
  return {
    nodes: {
      total: nodes.length,
      ready: nodes.filter(({ isReady }) => isReady).length,
      cordoned: nodes.filter(({ isCordoned }) => isCordoned).length,
    },
    gpus: [...pools.values()]
      .map(({ nodeNames, ...pool }) => ({ ...pool, nodes: nodeNames.size }))
      .toSorted((a, b) => compare(a.product, b.product) || compare(a.resource, b.resource)),
    reason: join(isUnknown ? [...reasons, facts.claimsReason!] : reasons),
  }
}

/** A Node as far as capacity goes; null where it has no name. */
export function readNode(object: KubeObject): NodeFacts | null {
  const { labels, name } = readMetadata(object)
  if (name === null) return null
  const status = record(object.status)
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : []
  const capacity = record(status.capacity)
  const allocatable = record(status.allocatable)
  const resources = new Set([...Object.keys(capacity), ...Object.keys(allocatable)])
  return {
    name,
    isReady: conditions.some(({ status: is, type }) => type === 'Ready' && is === 'True'),
    isCordoned: record(object.spec).unschedulable === true,
    accelerators: [...resources]
      .filter(isAccelerator)
      .map((resource) => ({
        resource,
        product: productOf(resource, labels) ?? resource,
        memoryMiB: memoryOf(resource, labels),
        capacity: quantity(capacity[resource]),
        allocatable: quantity(allocatable[resource]),
      }))
      .filter((each) => each.capacity > 0 || each.allocatable > 0)
      .toSorted((a, b) => compare(a.resource, b.resource)),
  }
}

/**
 * What a pod holds: its containers and sidecars together, or the most that its init containers need at once with the
 * sidecars started before them, whichever is more; and its overhead.
 */
export function readRequests(pod: KubeObject): Record<string, number> {
  const spec = record(pod.spec)
  const { phase } = record(pod.status)
  if (phase === 'Succeeded' || phase === 'Failed') return {}
  const sidecars: Record<string, number> = {}
  const peak: Record<string, number> = {}
  for (const container of list(spec.initContainers)) {
    const own = requestsOf(container)
    if (container.restartPolicy === 'Always') add(sidecars, own)
    const together = container.restartPolicy === 'Always' ? sidecars : sum(sidecars, own)
    for (const [resource, count] of Object.entries(together)) {
      peak[resource] = Math.max(peak[resource] ?? 0, count)
    }
  }
  const running = { ...sidecars }
  for (const container of list(spec.containers)) add(running, requestsOf(container))
  const held: Record<string, number> = {}
  for (const resource of new Set([...Object.keys(peak), ...Object.keys(running)])) {
    held[resource] = Math.max(peak[resource] ?? 0, running[resource] ?? 0)
  }
  add(held, accelerators(record(spec.overhead)))
  return held
}

/** A ResourceSlice of resource.k8s.io/v1; null where it names no driver. */
export function readSlice(object: KubeObject): SliceFacts | null {
  const spec = record(object.spec)
  const pool = record(spec.pool)
  if (typeof spec.driver !== 'string' || spec.driver === '') return null
  return {
    driver: spec.driver,
    pool: text(pool.name) ?? '',
    generation: typeof pool.generation === 'number' ? pool.generation : 0,
    node: text(spec.nodeName),
    // A part of a card that is listed whole as well would be counted twice.
    parts: list(spec.devices)
      .filter(isPart)
      .flatMap((device) => {
        const of = attribute(device, 'parentUUID')
        return of === null ? [] : [{ name: text(device.name) ?? '', of }]
      }),
    devices: list(spec.devices)
      .filter((device) => !isPart(device))
      .map((device) => ({
        name: text(device.name) ?? '',
        uuid: attribute(device, 'uuid'),
        product:
          attribute(device, 'productName') ?? attribute(device, 'model') ?? String(spec.driver),
        memoryMiB: toMebibytes(record(record(device.capacity).memory).value),
        isTainted: list(device.taints).some(
          ({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute',
        ),
      })),
  }
}

/** A ResourceClaim of resource.k8s.io/v1; null where it holds nothing. Who only looks at a device does not hold it. */
export function readClaim(object: KubeObject): ClaimFacts | null {
  const { devices } = record(record(object.status).allocation)
  const held = list(record(devices).results)
    .filter(({ adminAccess }) => adminAccess !== true)
    .map(({ device, driver, pool }) => ({
      driver: text(driver) ?? '',
      pool: text(pool) ?? '',
      device: text(device) ?? '',
    }))
  return held.length === 0 ? null : { devices: held }
}

/** Extended resources that are accelerators, whole, shared or sliced. */
export function isAccelerator(resource: string): boolean {
  if (resource.startsWith('gpu.intel.com/')) {
    return !/\/(memory\.max|millicores|tiles)$|_monitoring$|-monitoring$/.test(resource)
  }
  return /^(nvidia\.com\/(gpu(\.shared)?|mig-[a-z0-9.-]+|pgpu)|amd\.com\/(gpu|[a-z0-9]+_[a-z0-9_]+)|habana\.ai\/gaudi[0-9]*|google\.com\/tpu|aws\.amazon\.com\/(neuron(core|device)?)|huawei\.com\/Ascend[A-Za-z0-9-]*|qualcomm\.com\/qaic|tenstorrent\.com\/[a-z0-9]+)$/.test(
    resource,
  )
}

function isAcceleratorDriver(driver: string): boolean {
  return /(^|[.-])(gpu|gaudi|tpu|neuron|npu|accelerator)s?([.-]|$)/.test(driver)
}

const productLabels: readonly [resource: RegExp, labels: readonly string[]][] = [
  [
    /^nvidia\.com\//,
    [
      'nvidia.com/gpu.product',
      'cloud.google.com/gke-accelerator',
      'karpenter.k8s.aws/instance-gpu-name',
      'k8s.amazonaws.com/accelerator',
    ],
  ],
  [
    /^amd\.com\//,
    ['amd.com/gpu.product-name', 'beta.amd.com/gpu.product-name', 'amd.com/gpu.device-id'],
  ],
  [/^gpu\.intel\.com\//, ['gpu.intel.com/product', 'gpu.intel.com/family']],
  [/^habana\.ai\//, ['habana.ai/hpu.product', 'habana.ai/gaudi.product']],
  [/^google\.com\/tpu/, ['cloud.google.com/gke-tpu-accelerator']],
]

function productOf(resource: string, labels: Record<string, unknown>): string | null {
  const own = text(labels[`${resource}.product`])
  if (own !== null) return own
  const [, names = []] = productLabels.find(([pattern]) => pattern.test(resource)) ?? []
  return names.map((name) => text(labels[name])).find((product) => product !== null) ?? null
}

function memoryOf(resource: string, labels: Record<string, unknown>): number | null {
  const own = text(labels[`${resource}.memory`])
  const mebibytes =
    own ?? (resource.startsWith('nvidia.com/') ? text(labels['nvidia.com/gpu.memory']) : null)
  if (mebibytes !== null && /^\d{1,9}$/.test(mebibytes)) return Number(mebibytes)
  if (!resource.startsWith('amd.com/')) return null
  return toMebibytes(labels['amd.com/gpu.vram'] ?? labels['beta.amd.com/gpu.vram'])
}

function sumRequests(pods: readonly PodFacts[]): Map<string, Record<string, number>> {
  const byNode = new Map<string, Record<string, number>>()
  for (const { node, requests } of pods) {
    if (node === null) continue
    const held = byNode.get(node) ?? {}
    add(held, requests)
    byNode.set(node, held)
  }
  return byNode
}

function isPart(device: Record<string, unknown>): boolean {
  return attribute(device, 'type') === 'mig'
}

/** Whether a device is held, as a whole or in part. */
function findHeld(slices: readonly SliceFacts[], claims: readonly ClaimFacts[]) {
  const keyOf = (...parts: string[]) => JSON.stringify(parts)
  const names = new Set(
    claims.flatMap(({ devices }) =>
      devices.map(({ device, driver, pool }) => keyOf(driver, pool, device)),
    ),
  )
  const cards = new Set(
    slices.flatMap(({ driver, parts, pool }) =>
      parts
        .filter(({ name }) => names.has(keyOf(driver, pool, name)))
        .map(({ of }) => keyOf(driver, pool, of)),
    ),
  )
  return ({ driver, pool }: SliceFacts, { name, uuid }: SliceFacts['devices'][number]): boolean =>
    names.has(keyOf(driver, pool, name)) || (uuid !== null && cards.has(keyOf(driver, pool, uuid)))
}

/** A driver publishes a pool anew under a higher generation; what is older is not there any more. */
function latestGenerations(slices: readonly SliceFacts[]): SliceFacts[] {
  const latest = new Map<string, number>()
  for (const { driver, generation, pool } of slices) {
    const key = `${driver}/${pool}`
    latest.set(key, Math.max(latest.get(key) ?? 0, generation))
  }
  return slices.filter(
    ({ driver, generation, pool }) => latest.get(`${driver}/${pool}`) === generation,
  )
}

/** An extended resource's request is its limit where only that is given. */
function requestsOf(container: Record<string, unknown>): Record<string, number> {
  const resources = record(container.resources)
  return { ...accelerators(record(resources.limits)), ...accelerators(record(resources.requests)) }
}

function accelerators(resources: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(resources)
      .filter(([resource]) => isAccelerator(resource))
      .map(([resource, value]) => [resource, quantity(value)] as const)
      .filter(([, count]) => count > 0),
  )
}

function add(to: Record<string, number>, more: Record<string, number>): void {
  for (const [resource, count] of Object.entries(more)) to[resource] = (to[resource] ?? 0) + count
}

function sum(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const result = { ...a }
  add(result, b)
  return result
}

const scales: Record<string, number> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
}

/** A Kubernetes quantity as a whole number; 0 for what is none. */
function quantity(value: unknown): number {
  const scaled = readQuantity(value)
  return scaled === null ? 0 : Math.floor(scaled)
}

function readQuantity(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null
  const match =
    typeof value === 'string' && /^(\d{1,15}(?:\.\d{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(value)
  if (!match) return null
  return Number(match[1]) * (match[2] === undefined ? 1 : scales[match[2]]!)
}

function toMebibytes(value: unknown): number | null {
  const bytes = readQuantity(value)
  return bytes === null ? null : Math.round(bytes / scales.Mi!)
}

function attribute(device: Record<string, unknown>, name: string): string | null {
  const attributes = record(device.attributes)
  const key = Object.keys(attributes).find((each) => each === name || each.endsWith(`/${name}`))
  return key === undefined ? null : text(record(attributes[key]).string)
}

function readMetadata(object: KubeObject) {
  const metadata = record(object.metadata)
  return { name: text(metadata.name), labels: record(metadata.labels) }
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? clip(value, 253) : null
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function join(reasons: readonly string[]): string | null {
  return reasons.length === 0 ? null : reasons.join(' ')
}
