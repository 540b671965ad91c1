import * as z from 'zod'
import { InstanceState } from './instances.ts'
import { InstanceId } from './names.ts'

/**
 * Devices of one product in one place: `total` are in use, `free`, `reserved` or `unavailable`, as in `GpuPool`. Those in
 * use are held by `holders`, which the caller may see, or by `others`: of deployments that they may not see, of none, or
 * by claims. Both add up to what is in use. `free` and `holders` are null where it is not known what pods hold.
 */
export const MapPool = z.object({
  product: z.string(),
  resource: z.string(),
  total: z.int(),
  free: z.int().nullable(),
  reserved: z.int(),
  unavailable: z.int(),
  holders: z
    .array(z.object({ namespace: z.string(), name: z.string(), count: z.int() }))
    .nullable(),
  others: z.int(),
})
export type MapPool = z.infer<typeof MapPool>

/**
 * The accelerators of what the caller may see, on the nodes that have some, as of the latest reading. `unplaced` are
 * devices of no node. `reason` says why something of an instance is unknown, or may be old. Of `totals`, `unknown` are
 * devices that are in use or free, and nobody knows which; it adds up to `total` with the others.
 */
export const FleetMap = z.object({
  instances: z.array(
    z.object({
      id: InstanceId,
      state: InstanceState,
      reason: z.string().nullable(),
      nodes: z.array(
        z.object({
          name: z.string(),
          isReady: z.boolean(),
          isCordoned: z.boolean(),
          pools: z.array(MapPool),
        }),
      ),
      unplaced: z.array(MapPool).optional(),
    }),
  ),
  totals: z.object({
    total: z.int(),
    used: z.int(),
    free: z.int(),
    reserved: z.int(),
    unavailable: z.int(),
    unknown: z.int(),
  }),
})
export type FleetMap = z.infer<typeof FleetMap>

/** By moment of `at`; null where it was not known, or there was no such instance. */
const Series = z.array(z.int().nullable())
const GpuSeries = z.object({ used: Series, free: Series, total: Series })

/**
 * Accelerators once in `stepSeconds`, oldest first, of at most six hours and of the instances that the caller may see now.
 * `sum` adds up what is known of them, and is null where nothing is. The hub keeps it in memory: `since` is when it began
 * to, null before it did.
 */
export const FleetHistory = z.object({
  since: z.iso.datetime().nullable(),
  stepSeconds: z.int(),
  at: z.array(z.iso.datetime()),
  sum: GpuSeries,
  instances: z.array(GpuSeries.extend({ id: InstanceId })),
})
export type FleetHistory = z.infer<typeof FleetHistory>
