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
