import type { KubeObject } from '#kube'
import { readMebibytes } from './quantity.ts'
import { readRecord, readRecords, readText } from './read-fields.ts'

/** The devices of one ResourceSlice of Dynamic Resource Allocation. */
export type SliceFacts = {
  driver: string
  pool: string
  generation: number
  devices: {
    name: string
    /** Null for what is reached over the network. */
    node: string | null
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

/** A device of the slices that are current, and whether it is held; null where claims are not known. */
export type Device = SliceFacts['devices'][number] & {
  driver: string
  pool: string
  isHeld: boolean | null
}

/** Accelerators that slices offer, as of the latest generation of each pool. */
export function listDevices(
  slices: readonly SliceFacts[],
  claims: readonly ClaimFacts[] | null,
): Device[] {
  const current = latestGenerations(slices).filter(({ driver }) => isAcceleratorDriver(driver))
  const isHeld = claims && findHeld(current, claims)
  return current.flatMap((slice) =>
    slice.devices.map((device) => ({
      ...device,
      driver: slice.driver,
      pool: slice.pool,
      isHeld: isHeld && isHeld(slice, device),
    })),
  )
}

/** A ResourceSlice of resource.k8s.io/v1; null where it names no driver. */
export function readSlice(object: KubeObject): SliceFacts | null {
  const spec = readRecord(object.spec)
  const pool = readRecord(spec.pool)
  if (typeof spec.driver !== 'string' || spec.driver === '') return null
  return {
    driver: spec.driver,
    pool: readText(pool.name) ?? '',
    generation: typeof pool.generation === 'number' ? pool.generation : 0,
    // A part of a card that is listed whole as well would be counted twice.
    parts: readRecords(spec.devices)
      .filter(isPart)
      .flatMap((device) => {
        const of = attribute(device, 'parentUUID')
        return of === null ? [] : [{ name: readText(device.name) ?? '', of }]
      }),
    devices: readRecords(spec.devices)
      .filter((device) => !isPart(device))
      .map((device) => ({
        name: readText(device.name) ?? '',
        node: readText(device.nodeName) ?? readText(spec.nodeName),
        uuid: attribute(device, 'uuid'),
        product:
          attribute(device, 'productName') ?? attribute(device, 'model') ?? String(spec.driver),
        memoryMiB: readMebibytes(readRecord(readRecord(device.capacity).memory).value),
        isTainted: readRecords(device.taints).some(
          ({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute',
        ),
      })),
  }
}

/** A ResourceClaim of resource.k8s.io/v1; null where it holds nothing. Who only looks at a device does not hold it. */
export function readClaim(object: KubeObject): ClaimFacts | null {
  const { devices } = readRecord(readRecord(object.status).allocation)
  const held = readRecords(readRecord(devices).results)
    .filter(({ adminAccess }) => adminAccess !== true)
    .map(({ device, driver, pool }) => ({
      driver: readText(driver) ?? '',
      pool: readText(pool) ?? '',
      device: readText(device) ?? '',
    }))
  return held.length === 0 ? null : { devices: held }
}

function isAcceleratorDriver(driver: string): boolean {
  return /(^|[.-])(gpu|gaudi|tpu|neuron|npu|accelerator)s?([.-]|$)/.test(driver)
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

function attribute(device: Record<string, unknown>, name: string): string | null {
  const attributes = readRecord(device.attributes)
  const key = Object.keys(attributes).find((each) => each === name || each.endsWith(`/${name}`))
  return key === undefined ? null : readText(readRecord(attributes[key]).string)
}
