import type { Config } from '#config'
import { isCaller, withActor, type Caller, type Clock, type RequestContext } from '#context'
import type { Fleet } from '#fleet'
import { createModelRules, createServedNames, type ModelDeps } from '#serving'
import type { Meter } from '#usage'
import { createDeploymentCaller, type Answer, type Sent } from './call-deployment.ts'
import { callOutside } from './call-outside.ts'
import { createTargets } from './choose-target.ts'
import { findModel, listModels, noModel } from './find-models.ts'
import { createModelIndex } from './model-index.ts'

type ListedModel = ReturnType<typeof listModels>[number]

export type Gateway = {
  /** What the caller may use. */
  list(ctx: RequestContext, provider: string | undefined): ListedModel[]
  /** Throws `not-found`. */
  get(ctx: RequestContext, id: string): ListedModel
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
    now: Clock
    fetch: typeof globalThis.fetch
    meter: Meter
  },
): Gateway {
  const { access, allowedModels, disallowedModels, issuer, providers } = deps.config.gateway
  const index = createModelIndex(deps.fleet)
  const models = {
    index,
    rules: createModelRules({ allowed: allowedModels, disallowed: disallowedModels }),
    providers,
  }
  const callDeployment = createDeploymentCaller({
    ...deps,
    names: createServedNames(deps),
    targets: createTargets(deps.now),
  })
  const admit = (ctx: RequestContext) =>
    access === 'authenticated' ? withUseOfAll(ctx, issuer) : ctx

  return {
    list: (ctx, provider) => listModels(admit(ctx), models, provider),
    get: (ctx, id) => {
      const found = listModels(admit(ctx), models, undefined).find((each) => each.id === id)
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
