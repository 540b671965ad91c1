import type { OidcProfile } from '@hub/shared'
import type { Instances } from '#clusters'
import type { Config } from '#config'
import type { OwnToken, OwnTokens, RequestContext } from '#context'
import type { Profiles } from '#instances'
import { digestOf } from '#secrets'
import { createExchange, type Exchange } from './exchange-token.ts'
import { createShownTokens, type FindShownToken, type ShownTokenDeps } from './find-shown-token.ts'
import { noToken, readOwnToken } from './read-own-token.ts'

export type OwnTokensDeps = ShownTokenDeps & {
  instances: Pick<Instances, 'find'>
  profiles: Pick<Profiles, 'find'>
  config: Pick<Config, 'exchangeClients'>
  fetch: typeof fetch
}

/** The tokens of whoever made a request, by what they presented; undefined where that is nobody. */
export type FindOwnTokens = (ctx: RequestContext, bearer: string | null) => OwnTokens | undefined

/**
 * Finds for clusters in the modes `passthrough` and `exchange` the token by which they know the caller. What the caller
 * presented stays in this closure, and goes to its own issuer and to clusters that it is for, and nowhere else.
 */
export function createOwnTokens(deps: OwnTokensDeps): FindOwnTokens {
  const exchange = createExchange(deps)
  const findShown = createShownTokens(deps)
  return (ctx, bearer) => {
    const key = keyOf(ctx, bearer)
    if (key === null) return undefined
    return {
      key,
      find: (instance) => findOwn({ ctx, deps, exchange, findShown, key }, bearer, instance),
    }
  }
}

function keyOf({ actor }: RequestContext, bearer: string | null): string | null {
  if (actor.type === 'anonymous' || actor.type === 'system') return null
  if (bearer !== null) return `bearer ${digestOf(bearer)}`
  if (actor.type !== 'user' || actor.credential.type !== 'session') return null
  return `session ${actor.credential.id}`
}

type Finding = {
  ctx: RequestContext
  deps: OwnTokensDeps
  exchange: Exchange
  findShown: FindShownToken
  key: string
}

async function findOwn(
  { ctx, deps, exchange, findShown, key }: Finding,
  bearer: string | null,
  instance: string,
): Promise<OwnToken> {
  const profile = await requireProfile(ctx, deps, instance)
  const isExchanged = deps.instances.find(instance)?.accessMode === 'exchange'
  const type = isExchanged ? ('access_token' as const) : ('id_token' as const)
  const shown = await findShown(ctx, { bearer, instance, type })
  const at = { instance, profile, now: ctx.now() }
  if (!isExchanged) return readOwnToken(shown, at)
  return readOwnToken(await exchange(shown, { ...at, key }), at)
}

async function requireProfile(
  { db }: RequestContext,
  { profiles }: Pick<OwnTokensDeps, 'profiles'>,
  instance: string,
): Promise<OidcProfile> {
  const profile = await profiles.find(db, instance)
  if (profile) return profile
  throw noToken(
    instance,
    'nobody has said yet whose. An administrator of the hub can set its OIDC profile, with the issuer and the client id that its API server trusts.',
  )
}
