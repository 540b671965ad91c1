import type { Context, MiddlewareHandler } from 'hono'
import { isCaller, type Actor, type Client, type OwnTokens, type RequestContext } from '#context'
import { AppError, asAppError } from '#errors'
import type { Declaration, LimitName } from '#operation'
import { refuseModelsOnly, requireCaller, requireUser, unknownPerson } from '#rbac'
import { presentBearer } from './authorization.ts'
import { placeOf } from './client.ts'
import { tellClusterUsers } from './cluster-users.ts'
import { refuseCrossSite } from './csrf.ts'
import { refuseOtherSites } from './local-guard.ts'
import type { HubEnv } from './hub-env.ts'
import type { Page } from './define-page.ts'
import type { RateLimiter } from './rate-limit.ts'
import { refuseControlCharacters } from './refuse-control-characters.ts'

/** Who a request is from; `answer` puts what that changed for the browser into the response. */
export type Identified = { actor: Actor; answer?: (c: Context) => void }

/** A declaration with what pages alone can say of themselves. */
export type Declared = Declaration & Partial<Omit<Page, keyof Declaration | 'handle' | 'answers'>>

export type DoorOptions = {
  clientOf: (c: Context) => Client
  isOwnOrigin: (origin: string, c: Context) => boolean
  /** In local mode: throws for whoever is not the person at this machine. */
  requireLocal: ((actor: Actor) => void) | null
  limits: Record<'general' | 'refusedBearers' | LimitName, RateLimiter>
  identifyByBearer: (
    ctx: RequestContext,
    bearer: string,
    declared: Pick<Declared, 'isForAgents'>,
  ) => Promise<Actor>
  /** Counts a call of whoever has only so many. */
  countCall: (ctx: RequestContext) => Promise<void>
  /** Whether whoever has a token of this issuer may use every model. */
  isModelsGuest: (issuer: string) => boolean
  identifyByCookie: (
    c: Context<HubEnv>,
    use: NonNullable<Declaration['use']> | 'person',
  ) => Promise<Identified>
  /** What the caller has for clusters that see people themselves. */
  findOwnTokens: (ctx: RequestContext, bearer: string | null) => OwnTokens | undefined
  /** The actor with what clusters that are asked on people's behalf let them do, in this namespace too. */
  askClusters: (
    ctx: RequestContext,
    at: { instance: string; namespace: string } | null,
  ) => Promise<Actor>
}

/**
 * What every request passes before its operation is called: all of it as the declaration says. Throws `csrf`,
 * `too-many-requests`, `unauthenticated`, `session-ended`, `invalid-token`, `invalid-request`, and `forbidden` for a program where a person
 * is wanted.
 */
export function createDoor(options: DoorOptions) {
  const { clientOf, isOwnOrigin, limits } = options
  const addressOf = (c: Context) => placeOf(clientOf(c).ip)
  const limitByAddress: MiddlewareHandler = (c, next) => {
    limits.general.take(c, addressOf(c))
    return next()
  }

  /** A bearer counts alone: a cookie beside it does not make up for a wrong one. */
  const identify = async (c: Context<HubEnv>, declared: Declared): Promise<Identified> => {
    const bearer = c.get('bearer')
    if (bearer === null) return options.identifyByCookie(c, declared.use ?? 'person')
    const address = addressOf(c)
    limits.refusedBearers.check(c, address)
    try {
      return { actor: await options.identifyByBearer(c.get('ctx'), bearer, declared) }
    } catch (error) {
      if (asAppError(error).code === 'invalid-token') limits.refusedBearers.count(address)
      throw error
    }
  }

  const admit = (declared: Declared): MiddlewareHandler<HubEnv> => {
    const { limit, policy } = declared
    return async (c, next) => {
      const ctx = c.get('ctx')
      if (policy === 'bearer' && c.get('bearer') === null) throw withoutBearer()
      if (limit) limits[limit].take(c, `${c.req.path} ${addressOf(c)}`)
      const { actor, answer } = await identify(c, declared)
      ctx.actor = actor
      limits.general.take(c, isCaller(actor) ? actor.principal : addressOf(c))
      if (!declared.countsCalls) await options.countCall(ctx)
      refuseControlCharacters(c, { inQuery: !declared.takesAnyQuery })
      if (!declared.isOpenLocally) options.requireLocal?.(actor)
      // Before anything is read or validated: what is not for everybody is for those who are known.
      if (policy !== 'public') requireCaller(actor)
      if (policy !== 'public' && !declared.isForModels) refuseModelsOnly(actor)
      if (isForPeople(policy)) requireUser(actor)
      ctx.ownTokens = options.findOwnTokens(ctx, c.get('bearer'))
      // A position is good for who sees the same when they follow: with what clusters let them see.
      if (isAboutInstances(policy) || declared.tellsPosition) {
        ctx.actor = await options.askClusters(ctx, namespaceOf(c, policy))
      }
      if (policy !== 'public') admitGuest(ctx.actor, declared)
      await next()
      answer?.(c)
      tellClusterUsers(c, instanceOf(c, policy))
    }
  }

  /** Somebody who never signed in here comes in for what a cluster lets them do, or for models where all may use them. */
  const admitGuest = (actor: Actor, { isForModels }: Declared) => {
    if (actor.type !== 'guest' || actor.clusterRights?.alone.size) return
    if (!(isForModels && options.isModelsGuest(actor.issuer))) throw unknownPerson()
  }

  return (declared: Declared): MiddlewareHandler<HubEnv>[] => {
    // Probes are asked by whoever runs the hub.
    if (declared.isUnlimited) return []
    const ofThisMachine = options.requireLocal === null ? [] : [refuseOtherSites]
    if (declared.isForAnyone) return [...ofThisMachine, limitByAddress]
    // What other sites make a browser read they cannot see.
    const ofSafe = declared.effect !== 'read' || declared.use === 'background'
    return [
      ...ofThisMachine,
      presentBearer(),
      // Where no cookie counts, no other site has anything to send.
      ...(declared.isFromAnySite || declared.policy === 'bearer'
        ? []
        : [refuseCrossSite({ isOwnOrigin, ofSafe })]),
      admit(declared),
    ]
  }
}

export type Door = ReturnType<typeof createDoor>

function isForPeople(policy: Declaration['policy']): boolean {
  return policy === 'person' || policy === 'browser-session' || policy === 'fresh-browser-session'
}

function isAboutInstances(policy: Declaration['policy']): boolean {
  if (policy === 'signed-in' || policy === 'bearer') return true
  return typeof policy === 'object' && policy.scope !== 'hub'
}

function withoutBearer(): AppError {
  return new AppError('unauthenticated', {
    detail:
      'This is called with a token, not with a browser session: send it as "Authorization: Bearer <token>".',
  })
}

/** Where what is in it is read as the caller. */
function instanceOf(c: Context, policy: Declaration['policy']): string | undefined {
  return typeof policy === 'object' && policy.scope === 'namespace'
    ? c.req.param('instance')
    : undefined
}

/** The namespace that a request is in: it may be one that nothing is known of yet. */
function namespaceOf(
  c: Context,
  policy: Declaration['policy'],
): { instance: string; namespace: string } | null {
  if (typeof policy !== 'object' || policy.scope !== 'namespace') return null
  const { instance = '', namespace = '' } = c.req.param() as Record<string, string>
  return isLabel(instance) && isLabel(namespace) ? { instance, namespace } : null
}

function isLabel(text: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(text)
}
