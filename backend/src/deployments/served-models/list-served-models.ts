import type { ServedModel, ServedModelList, ServedModelsQuery } from '@hub/shared'
import * as z from 'zod'
import type { RequestContext } from '#context'
import { readCursor, writeCursor } from '#operation'
import { isAllowed, requireCaller } from '#rbac'
import { allNamesOf, isReady, namesOf, type ModelRules } from '#serving'
import type { DeploymentDeps } from '../deps.ts'

type Deps = Pick<DeploymentDeps, 'fleet'> & { rules: ModelRules }

const Position = z.tuple([z.string()])
/** Of one model: nobody chooses among more. */
const deploymentsMax = 20

/**
 * The models that the caller may use, by the names that they are asked for by, each with the deployments that serve it,
 * those that answer first. Throws `unauthenticated`, and `invalid-request` for a cursor of no page.
 */
export function listServedModels(
  ctx: RequestContext,
  { fleet, rules }: Deps,
  { cursor, limit, q }: ServedModelsQuery,
): ServedModelList {
  requireCaller(ctx.actor)
  const after = readCursor(cursor, Position)
  const mayUse = rememberPlaces((instance, namespace) =>
    isAllowed(ctx, 'deployment.chat', { instance, namespace }),
  )
  const wanted = q?.toLowerCase()
  const byName = new Map<string, ServedModel>()
  for (const deployment of fleet.list()) {
    const { instance, name, namespace, sentence, state } = deployment
    if (!mayUse(instance, namespace) || !rules.allow(allNamesOf(deployment))) continue
    const place = { instance, namespace, name, isReady: isReady(deployment), state, sentence }
    for (const id of namesOf(deployment)) {
      if (wanted !== undefined && !id.toLowerCase().includes(wanted)) continue
      const model = byName.get(id) ?? { id, isReady: false, deployments: [] }
      byName.set(id, { ...model, isReady: model.isReady || place.isReady })
      model.deployments.push(place)
    }
  }
  const names = [...byName.keys()].toSorted()
  const rest = after === null ? names : names.filter((id) => id > after[0])
  const page = rest.slice(0, limit)
  return {
    items: page.map((id) => present(byName.get(id)!)),
    total: names.length,
    next: rest.length > page.length ? writeCursor([page.at(-1)!]) : null,
  }
}

function present({ deployments, id, isReady: answers }: ServedModel): ServedModel {
  const sorted = deployments.toSorted((a, b) => Number(b.isReady) - Number(a.isReady))
  return { id, isReady: answers, deployments: sorted.slice(0, deploymentsMax) }
}

/** Many deployments are in few places. */
function rememberPlaces(decide: (instance: string, namespace: string) => boolean) {
  const known = new Map<string, boolean>()
  return (instance: string, namespace: string) => {
    const place = `${instance}/${namespace}`
    const decided = known.get(place) ?? decide(instance, namespace)
    known.set(place, decided)
    return decided
  }
}
