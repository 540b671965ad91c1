import type { Configured } from '#access'
import type { Config } from '#config'
import { isCaller, withActor, type Caller, type Clock, type RequestContext } from '#context'
import type { Fleet } from '#fleet'
import type { Logger } from '#log'
import { createModelRules, createServedNames, type ModelDeps } from '#serving'
import type { Meter } from '#usage'
import { createDeploymentCaller, type Answer, type Sent } from './call-deployment.ts'
import { callOutside } from './call-outside.ts'
import { createTargets } from './choose-target.ts'
import { findModel, listModels, listOutside, noModel, type ListedModel } from './find-models.ts'
import { createModelIndex } from './model-index.ts'
import { createOutsideModels } from './outside-models.ts'

export type Gateway = {
  /** What the caller may use, sorted; of one provider outside it throws what asking that one throws. */
  list(ctx: RequestContext, provider: string | undefined): Promise<ListedModel[]>
  /** Throws `not-found`, and what `list` throws. */
  get(ctx: RequestContext, id: string): Promise<ListedModel>
  /** Sends a call where its model is. Throws what `findModel` throws, and what clusters and providers say. */
  call(
    ctx: RequestContext,
    model: string,
    provider: string | undefined,
    sent: Sent,
  ): Promise<Answer>
}

export function createGateway(
  deps: ModelDeps & {
    fleet: Fleet
    config: Pick<Config, 'gateway'>
    configured: Pick<Configured, 'outsideProviders'>
    now: Clock
    fetch: typeof globalThis.fetch
    log: Logger
    meter: Meter
  },
): Gateway {
  const { access, allowedModels, disallowedModels, issuer } = deps.config.gateway
  const index = createModelIndex(deps.fleet)
  // What is said to an instance's models never leaves for a provider that has its name.
  const openProviders = () =>
    deps.configured.outsideProviders().filter(({ id }) => deps.instances.find(id) === null)
  const models = {
    index,
    rules: createModelRules({ allowed: allowedModels, disallowed: disallowedModels }),
    providers: openProviders,
    outsideModels: createOutsideModels(deps),
  }
  const callDeployment = createDeploymentCaller({
    ...deps,
    names: createServedNames(deps),
    targets: createTargets(deps.now),
  })
  const admit = (ctx: RequestContext) =>
    access === 'authenticated' ? withUseOfAll(ctx, issuer) : ctx

  return {
    list: async (given, provider) => {
      const ctx = admit(given)
      const outside = await listOutside(ctx, models, provider)
      const found = [...listModels(ctx, models, provider), ...outside]
      return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    },
    get: async (given, id) => {
      const ctx = admit(given)
      const isIt = (model: ListedModel) => model.id === id
      const outside = openProviders().find((provider) => id.startsWith(`${provider.id}/`))
      const found =
        listModels(ctx, models, undefined).find(isIt) ??
        (outside && (await listOutside(ctx, models, outside.id)).find(isIt))
      if (!found) throw noModel(id)
      return found
    },
    call: async (given, model, provider, sent) => {
      const ctx = admit(given)
      const found = findModel(ctx, models, model, provider)
      if (found.type === 'outside') {
        return callOutside(ctx, deps, found.provider, found.model, sent)
      }
      return callDeployment(ctx, found.deployments, sent)
    },
  }
}

/** With `GATEWAY_ACCESS=authenticated`, whoever has a token of the gateway's own issuer may use every model. */
function withUseOfAll(ctx: RequestContext, issuer: string | null): RequestContext {
  const { actor } = ctx
  if (issuer === null || !isCaller(actor)) return ctx
  if (!isOfIssuer(actor, issuer)) return ctx
  const everything = {
    id: 'gateway',
    role: 'viewer' as const,
    instanceId: null,
    namespaces: null,
    source: 'config' as const,
    endsAt: null,
  }
  return withActor(ctx, { ...actor, grants: [...actor.grants, everything] })
}

function isOfIssuer(caller: Caller, issuer: string): boolean {
  switch (caller.type) {
    case 'user':
      return caller.credential.type === 'jwt' && caller.credential.issuer === issuer
    case 'service':
      return caller.principal.endsWith(`@${issuer}`)
    case 'guest':
      return caller.issuer === issuer
  }
}
