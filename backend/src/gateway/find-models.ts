import type { OutsideProviderConfig } from '#config'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { isAllowed } from '#rbac'
import { allNamesOf, isReady, type ModelRules } from '#serving'
import type { ModelIndex } from './model-index.ts'
import type { OutsideModels } from './outside-models.ts'

export type ModelDeps = {
  index: ModelIndex
  rules: ModelRules
  /** Those whose id is no instance's. */
  providers: () => readonly OutsideProviderConfig[]
}

/** Where a call may go: any of the deployments, or one provider outside. */
export type FoundModel =
  | { type: 'deployments'; name: string; deployments: readonly FleetDeployment[] }
  | { type: 'outside'; provider: OutsideProviderConfig; model: string }

/**
 * What `model` stands for, of what the caller may use. `provider` narrows to an instance, or names a provider outside;
 * `<provider>/<model>` does so too. Throws `not-found` for what is not there or not for the caller, which are told alike,
 * and `instance-not-ready` for what is there and does not answer yet.
 */
export function findModel(
  ctx: RequestContext,
  deps: ModelDeps,
  model: string,
  provider: string | undefined,
): FoundModel {
  const outside = findOutside(ctx, deps, model, provider)
  if (outside) return outside
  const usable = [...findNamed(deps.index, model)].filter(
    (each) =>
      (provider === undefined || each.instance === provider) &&
      deps.rules.allow(allNamesOf(each)) &&
      mayUse(ctx, each.instance, each.namespace),
  )
  const ready = usable.filter(isReady)
  if (ready.length > 0) return { type: 'deployments', name: model, deployments: ready }
  const [waiting] = usable
  if (!waiting) throw noModel(model, provider)
  throw new AppError('instance-not-ready', {
    detail: `Model "${model}" does not answer yet. ${waiting.sentence}`,
    retryAfterSeconds: 10,
  })
}

export type ListedModel = { id: string; created: number; owned_by: string; object: 'model' }

/** Every name of a deployment that the caller may use; a name of several deployments stands once. */
export function listModels(
  ctx: RequestContext,
  { index, rules }: ModelDeps,
  provider: string | undefined,
): ListedModel[] {
  const found = new Map<string, { created: number; ownedBy: string }>()
  for (const deployment of index.all()) {
    const { createdAt, instance, namespace } = deployment
    if (provider !== undefined && instance !== provider) continue
    if (!isReady(deployment) || !mayUse(ctx, instance, namespace)) continue
    if (!rules.allow(allNamesOf(deployment))) continue
    const created = Math.max(0, Math.floor(Date.parse(createdAt) / 1000) || 0)
    for (const id of allNamesOf(deployment)) {
      const known = found.get(id)
      const ownedBy = known && known.ownedBy !== instance ? 'hub' : instance
      found.set(id, { created: Math.min(created, known?.created ?? created), ownedBy })
    }
  }
  return [...found].map(([id, { created, ownedBy }]) => ({
    id,
    object: 'model' as const,
    created,
    owned_by: ownedBy,
  }))
}

/**
 * What providers outside list, of what the caller may use: `<provider>/<model>`. One that cannot be asked is left out; one
 * that is asked for by its name throws what asking it throws.
 */
export async function listOutside(
  ctx: RequestContext,
  { outsideModels, providers, rules }: ModelDeps & { outsideModels: OutsideModels },
  provider: string | undefined,
): Promise<ListedModel[]> {
  const asked = providers().filter(
    ({ id }) => (provider === undefined || id === provider) && mayUse(ctx, id, null),
  )
  const lists = asked.map(async (each): Promise<ListedModel[]> => {
    const models = await outsideModels(each).catch((error: unknown) => {
      if (provider !== undefined) throw error
      return []
    })
    return models
      .filter((model) => rules.allow(namesOutside(each, model.id)))
      .map(({ created, id }) => ({
        id: `${each.id}/${id}`,
        object: 'model',
        created,
        owned_by: each.id,
      }))
  })
  return (await Promise.all(lists)).flat()
}

function namesOutside({ id }: OutsideProviderConfig, model: string): string[] {
  return [model, `${id}/${model}`]
}

function findNamed(index: ModelIndex, model: string): Iterable<FleetDeployment> {
  const parts = model.split('/')
  if (parts.length !== 3) return index.named(model)
  const named = [...index.named(model)]
  const own = index.get(model)
  return own ? [own, ...named] : named
}

function findOutside(
  ctx: RequestContext,
  { providers, rules }: ModelDeps,
  model: string,
  provider: string | undefined,
): FoundModel | null {
  const [prefix = '', ...rest] = model.split('/')
  const named = provider ?? (rest.length > 0 ? prefix.toLowerCase() : '')
  const found = providers().find(({ id }) => id === named)
  if (!found || !mayUse(ctx, found.id, null)) return null
  const isPrefixed = prefix.toLowerCase() === found.id && rest.length > 0
  const own = isPrefixed ? rest.join('/') : model
  if (!rules.allow(namesOutside(found, own))) throw noModel(model, provider)
  return { type: 'outside', provider: found, model: own }
}

function mayUse(ctx: RequestContext, instance: string, namespace: string | null): boolean {
  return isAllowed(ctx, 'deployment.chat', { instance, namespace })
}

export function noModel(model: string, provider?: string): AppError {
  const where = provider === undefined ? '' : ` of provider "${provider}"`
  return new AppError('not-found', {
    detail: `There is no model "${model}"${where} that you may use. GET /v1/models lists those that there are.`,
  })
}
