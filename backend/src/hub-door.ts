import type { Context } from 'hono'
import { authenticate, type SessionUse } from '#accounts'
import type { Budgets } from '#budgets'
import type { Instances } from '#clusters'
import type { Config } from '#config'
import type { Clock } from '#context'
import type { AskClusters } from '#fleet'
import {
  browserCookies,
  createDoor,
  createRateLimiter,
  localCookie,
  readClient,
  type Door,
  type HubEnv,
  type Identified,
} from '#http'
import { readLimits } from '#operation'
import type { FindOwnTokens } from '#own-tokens'
import { isOwnOrigin } from '#sign-in'
import { isModelsGuest, type Auth } from './create-auth.ts'

export type HubDoorDeps = {
  auth: Auth
  config: Config
  instances: Pick<Instances, 'personal'>
  now: Clock
  budgets: Pick<Budgets, 'countCall'>
}

/** How this hub knows who comes, and how often they may. */
export function createHubDoor(
  deps: HubDoorDeps,
  askClusters: AskClusters,
  findOwnTokens: FindOwnTokens,
): Door {
  const { auth, budgets, config, instances } = deps
  const clientOf = (c: Context) => readClient(c, config.trustedProxies)
  return createDoor({
    clientOf,
    isOwnOrigin: (origin, c) => isOwnOrigin(config, origin, clientOf(c)),
    requireLocal: auth.local?.require ?? null,
    limits: createLimits(deps),
    identifyByBearer: async (ctx, bearer, declared) =>
      auth.local ? auth.local.byBearer(bearer) : auth.bearers.authenticate(ctx, bearer, declared),
    identifyByCookie: (c, use) => identifyByCookie(c, deps, use),
    countCall: budgets.countCall,
    findOwnTokens,
    isModelsGuest: (issuer) => isModelsGuest(config, issuer),
    askClusters: async (ctx, at) =>
      instances.personal.size > 0 ? askClusters(ctx, at) : ctx.actor,
  })
}

function createLimits({ config, now }: HubDoorDeps) {
  const { requestsPerMinute } = config
  const own = readLimits(config)
  const limiter = (name: string, quota: number) => createRateLimiter({ name, quota, now })
  return {
    general: limiter('general', requestsPerMinute.general),
    login: limiter('login', own.login),
    setup: limiter('setup', own.setup),
    tokens: limiter('tokens', own.tokens),
    refusedBearers: limiter('refused-bearers', 30),
  }
}

async function identifyByCookie(
  c: Context<HubEnv>,
  { auth, config }: HubDoorDeps,
  use: SessionUse,
): Promise<Identified> {
  if (auth.local) {
    return { actor: auth.local.byCookie(localCookie(c, config.listen.port).get()) }
  }
  const cookie = browserCookies(c, config).session()
  const { actor, renewed } = await authenticate(c.get('ctx'), auth, cookie, use)
  if (!renewed) return { actor }
  return {
    actor,
    answer: (answered) =>
      browserCookies(answered, config).renewSession(renewed.sessionCookie, renewed.expiresAt),
  }
}
