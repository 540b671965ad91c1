import type { AgentCall } from '@hub/shared'
import type { Database } from '#db'
import type { Logger } from '#log'
import type { Actor } from './actor.ts'
import type { OwnTokens } from './own-tokens.ts'

export type Clock = () => Date

/** Everything a verb needs to know about the request it serves, whatever the transport. */
export type RequestContext = {
  actor: Actor
  requestId: string
  /** The peer's address as the hub saw it. */
  ip: string | null
  userAgent: string | null
  now: Clock
  db: Database
  log: Logger
  /** Aborts when the caller is gone. */
  signal: AbortSignal
  /** Of whoever made the request, where any instance takes people's own tokens. */
  ownTokens?: OwnTokens | undefined
  /** As whom instances were asked for this request; what is not in it was asked as the hub itself. */
  clusterUsers?: Map<string, string> | undefined
  /** The agent by which the actor asks, where they do not themselves. */
  via?: AgentCall | null | undefined
}

/** The same request on behalf of somebody else. What a context makes when it is asked for, it still makes then. */
export function withActor(ctx: RequestContext, actor: Actor): RequestContext {
  const cancelled = ctx instanceof DerivedContext ? ctx.cancelled : undefined
  return new DerivedContext(rootOf(ctx), actor, ctx.via, cancelled)
}

/** The same request as one call of an agent, which can be cancelled alone: a request may hold several. */
export function withAgentCall(
  ctx: RequestContext,
  via: AgentCall,
  cancelled?: AbortSignal,
): RequestContext {
  return new DerivedContext(rootOf(ctx), ctx.actor, via, cancelled)
}

function rootOf(ctx: RequestContext): RequestContext {
  return ctx instanceof DerivedContext ? ctx.request : ctx
}

/** Always of the request itself: a stream takes another actor twice a minute, for as long as it is open. */
class DerivedContext implements RequestContext {
  readonly request: RequestContext
  actor: Actor
  readonly via: RequestContext['via']
  readonly cancelled: AbortSignal | undefined

  constructor(
    request: RequestContext,
    actor: Actor,
    via: RequestContext['via'],
    cancelled: AbortSignal | undefined,
  ) {
    this.request = request
    this.actor = actor
    this.via = via
    this.cancelled = cancelled
  }

  get requestId() {
    return this.request.requestId
  }

  get ip() {
    return this.request.ip
  }

  get userAgent() {
    return this.request.userAgent
  }

  get now() {
    return this.request.now
  }

  get db() {
    return this.request.db
  }

  get log() {
    return this.request.log
  }

  get signal() {
    const { signal } = this.request
    return this.cancelled ? AbortSignal.any([signal, this.cancelled]) : signal
  }

  get ownTokens() {
    return this.request.ownTokens
  }

  get clusterUsers() {
    return this.request.clusterUsers
  }
}
