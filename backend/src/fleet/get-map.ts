import type { FleetMap } from '@hub/shared'
import { createBoundedCache } from '#cache'
import type { Instances } from '#clusters'
import type { RequestContext } from '#context'
import { keepJson, type KeptJson } from '#operation'
import { unauthenticated } from '#rbac'
import type { Fleet } from './fleet.ts'
import type { GpuMap } from './map-gpus.ts'
import { addTotals, noTotals, presentMap, sumMap, type MapTotals } from './present-map.ts'
import type { Visibility } from './visibility.ts'

/** The accelerators of all that the caller may see, and who holds them. Throws `unauthenticated`. */
export type GetFleetMap = (ctx: RequestContext) => KeptJson<FleetMap>

/** One instance as JSON, good until it is made of something else. */
type Part = { map: GpuMap; about: string; json: string; totals: MapTotals }
type Kept = { parts: ReadonlyMap<string, Part>; body: KeptJson<FleetMap> }

const remembered = { entriesMax: 500, bytesMax: 64 * 1024 * 1024 }

/** Built once for everybody with the same rights, and of each instance anew no oftener than its summary: once a second. */
export function createFleetMap({
  fleet,
  instances,
}: {
  fleet: Pick<Fleet, 'gpuMap' | 'instanceIds' | 'visibilityOf'>
  instances: Pick<Instances, 'find'>
}): GetFleetMap {
  const ids = new WeakMap<Visibility, string>()
  const kept = createBoundedCache<Kept>(remembered)
  let nextId = 0

  const makePart = (id: string, visibility: Visibility, known: Part | undefined): Part | null => {
    const instance = instances.find(id)
    if (!instance) return null
    const { map, reason } = fleet.gpuMap(id)
    const { state } = instance.status
    const about = JSON.stringify([state, reason])
    if (known?.map === map && known.about === about) return known
    const json = JSON.stringify(presentMap({ id, state, reason }, map, visibility))
    return { map, about, json, totals: sumMap(map) }
  }

  return (ctx) => {
    if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
    const visibility = fleet.visibilityOf(ctx)
    const key = ids.get(visibility) ?? String((nextId += 1))
    ids.set(visibility, key)
    const before = kept.get(key)
    const parts = new Map<string, Part>()
    for (const id of fleet.instanceIds()) {
      if (!visibility.seesInstance(id)) continue
      const part = makePart(id, visibility, before?.parts.get(id))
      if (part) parts.set(id, part)
    }
    const isSame =
      before?.parts.size === parts.size &&
      [...parts].every(([id, { json }]) => before.parts.get(id)?.json === json)
    const body = isSame ? before.body : keepJson<FleetMap>(join([...parts.values()]))
    // The parts, the whole, and its compressed forms.
    kept.set(key, { parts, body }, body.bytes.byteLength * 3)
    return body
  }
}

function join(parts: readonly Part[]): string {
  const totals = noTotals()
  for (const part of parts) addTotals(totals, part.totals)
  return `{"instances":[${parts.map(({ json }) => json).join(',')}],"totals":${JSON.stringify(totals)}}`
}
